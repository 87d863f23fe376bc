// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.wire;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What becomes of the bus when its socket file is lost while it serves: deleted, or replaced by another server, as the original's
 * does when it starts. With a bus of our own alone.
 */
@Timeout(300)
class SocketLossIT {
    @TempDir
    private Path folder;

    @BeforeEach
    void onlyWhereTheBusIsOurs() {
        WireBus.assumeOwn();
    }

    @Test
    void aDeletedFileIsBoundAgainAndThoseConnectedAndThoseWhoComeAreOnOneBus() throws Exception {
        try (OwnBus bus = new OwnBus(folder, Map.of())) {
            bus.start();
            try (Peer before = Peer.join(bus.socket())) {
                Files.delete(bus.socket());
                bus.awaitLog("was deleted: it is bound again, and those connected stay so");
                try (Peer after = Peer.join(bus.socket())) {
                    after.send("{\"tract\":\"loss\",\"event\":\"after\"}\n");

                    before.until("\"loss\"");
                }
                assertThat(bus.shell("status --json")).contains("\"boundAgain\":1");
            }
        }
    }

    @Test
    void whereAnotherServerTakesThePlaceItSaysSoSendsItsClientsOverAndBecomesItsClient() throws Exception {
        try (OwnBus bus = new OwnBus(folder, Map.of())) {
            bus.start();
            try (Peer before = Peer.join(bus.socket())) {
                Files.delete(bus.socket());
                try (Usurper other = new Usurper(bus.socket())) {
                    before.untilEnd();
                    bus.awaitLog("ERROR", "was taken by another server: this runtime becomes its client");
                    bus.awaitLog("Connected to the bus on");

                    assertThat(bus.shell("send loss after")).contains("sent");

                    assertThat(other.lines.poll(120, TimeUnit.SECONDS)).contains("\"loss\"");
                    assertThat(bus.shell("status --json"))
                            .contains("\"mode\":\"client\"", "\"displaced\":1", "\"sentOver\":1");
                    assertThat(bus.shell("clients --closed --json"))
                            .contains("another server has taken the socket: sent over to it");
                }
            }
        }
    }

    /** A server that takes a place without asking, and hears what its clients say. */
    private static final class Usurper implements AutoCloseable {
        private final ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

        Usurper(Path socket) throws IOException {
            listener.bind(UnixDomainSocketAddress.of(socket));
            start("usurper", () -> {
                while (true) {
                    SocketChannel client = listener.accept();
                    start("usurper of a client", () -> hear(client));
                }
            });
        }

        private void hear(SocketChannel client) throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
            StringBuilder text = new StringBuilder();
            while (client.read(buffer.clear()) >= 0) {
                text.append(StandardCharsets.UTF_8.decode(buffer.flip()));
                for (int end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
                    String line = text.substring(0, end);
                    text.delete(0, end + 1);
                    if (!line.contains("\"runtime\"")) {
                        lines.add(line);
                    }
                }
            }
        }

        private interface Hearing {
            void run() throws IOException;
        }

        private static void start(String name, Hearing hearing) {
            Thread thread = new Thread(
                    () -> {
                        try {
                            hearing.run();
                        } catch (IOException closed) {
                            // By the test, or by the client.
                        }
                    },
                    name);
            thread.setDaemon(true);
            thread.start();
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }
}
