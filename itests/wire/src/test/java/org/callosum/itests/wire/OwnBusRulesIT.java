// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.wire;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The wire's rules that are about a start, or take limits that a test can wait for: with a bus of our own alone. */
@Timeout(300)
class OwnBusRulesIT {
    @TempDir
    private Path folder;

    @BeforeEach
    void onlyWhereTheBusIsOurs() {
        WireBus.assumeOwn();
    }

    @Nested
    @DisplayName("socket, stale socket file")
    class SocketFile {
        @Test
        void itIsInTheJournalAndAStaleOneIsReplaced() throws Exception {
            try (OwnBus bus = new OwnBus(folder, Map.of())) {
                Files.createDirectories(bus.socket().getParent());
                bind(bus.socket()).close(); // nobody listens, and the file is still there
                assertThat(Files.exists(bus.socket(), LinkOption.NOFOLLOW_LINKS))
                        .isTrue();

                bus.start();

                Peer.join(bus.socket()).close();
            }
        }

        @Test
        void aLiveOneIsNeverStolen() throws Exception {
            try (OwnBus bus = new OwnBus(folder, Map.of("mode", "server"))) {
                Files.createDirectories(bus.socket().getParent());
                try (ServerSocketChannel live = bind(bus.socket())) {
                    Object before = Files.getAttribute(bus.socket(), "unix:ino");

                    bus.launch();
                    bus.awaitLog("ERROR", bus.socket().toString());

                    assertThat(Files.getAttribute(bus.socket(), "unix:ino")).isEqualTo(before);
                    assertThat(live.isOpen()).isTrue();
                }
            }
        }

        @Test
        void theConfiguredPathComesBeforeTheJournals() throws Exception {
            Path configured = folder.resolve("elsewhere.sock");
            try (OwnBus bus = new OwnBus(folder, Map.of("socket", configured.toString()))) {
                bus.start();

                Peer.join(configured).close();
                assertThat(bus.socket()).doesNotExist();
            }
        }

        @Test
        void withoutAPathItIsInTheJournalOfTheEnvironment() throws Exception {
            Path journal = folder.resolve("theirs");
            try (OwnBus bus = new OwnBus(folder, Map.of())) {
                ProcessBuilder run = bus.builder("run");
                run.environment().put("SOLSTONE_JOURNAL", journal.toString());
                bus.launch(run);
                bus.awaitLog("ready socket=");

                Peer.join(journal.resolve("health/callosum.sock")).close();
            }
        }

        @Test
        void withoutAJournalItIsUnderTheWorkingFolder() throws Exception {
            Path working = Files.createDirectory(folder.resolve("working"));
            try (OwnBus bus = new OwnBus(folder, Map.of())) {
                bus.launch(bus.builder("run").directory(working.toFile()));
                bus.awaitLog("ready socket=");

                Peer.join(working.resolve("journal/health/callosum.sock")).close();
            }
        }

        private ServerSocketChannel bind(Path socket) throws IOException {
            return ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        }
    }

    @Nested
    @DisplayName("invalid frame")
    class InvalidFrame {
        @Test
        void eachIsCountedWithItsClientAndOfManyOneASecondIsLogged() throws Exception {
            int frames = 20_000;
            try (OwnBus bus = new OwnBus(folder, Map.of())) {
                bus.start();
                try (Room room = new Room(bus.socket())) {
                    room.exchange("{\"bad\n".repeat(frames));

                    assertThat(bus.shell("clients --json")).contains("\"invalid\":" + frames);
                    bus.awaitLog("Invalid frame of client");
                    assertThat(bus.logged("Invalid frame of client")).hasSizeLessThan(frames / 100);
                }
            }
        }
    }

    @Nested
    @DisplayName("a client that does not read")
    class DoesNotRead {
        private static final int FRAME_BYTES = 1 << 16;

        @Test
        void oneThatHasReadAndStopsIsThrownOffAndItsNeighboursLoseNothing() throws Exception {
            try (OwnBus bus = small("disconnect");
                    Room room = new Room(bus.socket());
                    Peer stalled = Peer.open(bus.socket())) {
                // More than its socket holds, so that the bus can tell that it reads.
                for (int n = 0; n < 64; n++) {
                    room.exchange(filled(room, n) + "\n");
                    readLines(stalled, 2);
                }

                int sent = 0;
                do {
                    assertThat(room.exchange(filled(room, sent) + "\n"))
                            .as("at its neighbours")
                            .hasSize(1);
                    sent++;
                } while (isOpen(stalled));

                assertThat(drain(stalled)).as("bytes that it still got").isLessThan((long) sent * FRAME_BYTES);
            }
        }

        @Test
        void oneThatIsSlowButReadsIsNotThrownOffAndLosesNothing() throws Exception {
            int frames = 160;
            try (OwnBus bus = small("disconnect");
                    Room room = new Room(bus.socket());
                    Peer slow = Peer.open(bus.socket())) {
                room.exchange(room.frame("\"first\":1") + "\n");
                readLines(slow, 2);
                Thread sending = new Thread(() -> {
                    try {
                        for (int n = 0; n < frames; n++) {
                            room.sender().send(filled(room, n) + "\n");
                        }
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                });
                sending.start();

                ByteBuffer some = ByteBuffer.allocate(1 << 14);
                for (int lines = 0; lines < frames; ) {
                    int read = slow.readNow(some.clear());
                    assertThat(read)
                            .as("bytes, after %d of %d lines", lines, frames)
                            .isPositive();
                    for (int i = 0; i < read; i++) {
                        lines += some.get(i) == '\n' ? 1 : 0;
                    }
                    Thread.sleep(4); // what makes it slow: 160 frames take longer than a stall may
                }
                sending.join();
            }
        }

        @Test
        void withThePolicyBlockTheSendersWaitForItAndNobodyLosesAnything() throws Exception {
            try (OwnBus bus = small("block");
                    Room room = new Room(bus.socket());
                    Peer stalled = Peer.open(bus.socket())) {
                for (int n = 0; n < 64; n++) {
                    room.exchange(filled(room, n) + "\n");
                    readLines(stalled, 2);
                }
                int frames = 64;
                Thread sending = new Thread(() -> {
                    try {
                        for (int n = 0; n < frames; n++) {
                            room.sender().send(filled(room, n) + "\n");
                        }
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                });
                sending.start();
                bus.awaitLog("has made no progress for 1000 ms: the senders wait until it reads or leaves");
                assertThat(sending.isAlive()).as("the sender waits").isTrue();

                readLines(stalled, frames);
                sending.join();
                assertThat(isOpen(stalled)).isTrue();
                assertThat(room.mark(room.sender())).hasSize(frames);
            }
        }

        @Test
        void whoIsGoneIsRememberedWithWhoWhyBacklogAndLastFrame() throws Exception {
            try (OwnBus bus = small("disconnect");
                    Room room = new Room(bus.socket())) {
                try (Peer gone = Peer.open(bus.socket())) {
                    gone.send(room.frame("\"last\":1") + "\n"
                            + room.frame("\"n\":2").substring(1));
                    room.listen("\"last\"");
                }
                String remembered = bus.shell("clients --closed --json");
                while (!remembered.contains("\"closed\"")) { // its end is seen a moment later
                    remembered = bus.shell("clients --closed --json");
                }

                assertThat(remembered.substring(remembered.lastIndexOf("{\"id\"")))
                        .contains(
                                "\"user\":\"" + System.getProperty("user.name") + "\"",
                                "\"reason\":\"closed by the client\"",
                                "\"framesIn\":1,",
                                "\"invalid\":1,",
                                "\"backlogBytes\":0,",
                                room.named("\"lastFrame\":\"%T/e\""));
            }
        }

        private OwnBus small(String policy) throws Exception {
            OwnBus bus =
                    new OwnBus(folder, Map.of("backlogBytes", "1000000", "stallMillis", "1000", "slowPolicy", policy));
            bus.start();
            return bus;
        }

        private String filled(Room room, int n) {
            return room.frame("\"n\":" + n + ",\"x\":\"" + "x".repeat(FRAME_BYTES) + "\"");
        }

        /** Whether the bus still reads from it. */
        private boolean isOpen(Peer peer) {
            try {
                peer.send("\n");
                return true;
            } catch (IOException thrownOff) {
                return false;
            }
        }

        /** Reads so many lines, and nothing behind them has been sent. */
        private void readLines(Peer peer, int lines) throws IOException {
            ByteBuffer some = ByteBuffer.allocate(FRAME_BYTES);
            for (int left = lines; left > 0; ) {
                int read = peer.readNow(some.clear());
                assertThat(read).isPositive();
                for (int i = 0; i < read; i++) {
                    left -= some.get(i) == '\n' ? 1 : 0;
                }
            }
        }

        /** How many bytes come until the bus's end of the connection is closed. */
        private long drain(Peer peer) {
            long bytes = 0;
            ByteBuffer some = ByteBuffer.allocate(FRAME_BYTES);
            try {
                for (int read = peer.readNow(some); read >= 0; read = peer.readNow(some.clear())) {
                    bytes += read;
                }
            } catch (IOException reset) {
                // Closed with what we had sent unread: an end, too.
            }
            return bytes;
        }
    }
}
