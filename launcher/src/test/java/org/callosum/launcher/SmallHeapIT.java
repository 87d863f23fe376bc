// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The bus in a heap of 64 MiB, which is as much as a client's backlog may be. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SmallHeapIT {
    private static final String FRAME =
            "{\"tract\":\"small\",\"event\":\"heap\",\"ts\":1,\"pad\":\"" + "x".repeat(200) + "\"}\n";

    @TempDir
    Path folder;

    private final List<Reader> readers = new ArrayList<>();
    private Path socket;
    private int joined;
    private Running running;

    @BeforeEach
    void start() throws Exception {
        Path home = Running.copyDistribution(folder.resolve("callosum"));
        Path settings = home.resolve("etc/org.callosum.bus.cfg");
        Files.writeString(settings, Files.readString(settings) + "\nstallMillis = 1000\n");
        Files.writeString(
                home.resolve("etc/org.callosum.runtime.cfg"), "enabled = false\n"); // all that comes is counted
        Path journal = folder.resolve("journal");
        socket = journal.resolve("health/callosum.sock");
        running = Running.launch(home, Map.of("JAVA_OPTS", "-Xmx64m"), "run", "--journal", journal.toString());
        running.awaitReady();
    }

    @AfterEach
    void kill() throws Exception {
        for (Reader reader : readers) {
            reader.channel.close();
        }
        running.kill();
    }

    @Test
    void isEnoughForAHundredClientsAtFullSpeed() throws Exception {
        for (int n = 0; n < 100; n++) {
            readers.add(new Reader(Long.MAX_VALUE));
        }
        send(20_000);

        assertAllGot(20_000);
        assertWell();
    }

    @Test
    void isEnoughForOneThatStopsReadingWithItsBacklogFull() throws Exception {
        readers.add(new Reader(Long.MAX_VALUE));
        Reader stopped = new Reader(1 << 20);
        readers.add(stopped);
        send(400_000); // half as much again as the backlog holds

        readers.remove(stopped);
        assertAllGot(400_000);
        running.awaitLog("is disconnected: it has made no progress for 1000 ms");
        assertWell();
        stopped.channel.close();
    }

    @Test
    void isEnoughForAHundredThatNeverEndTheFrameTheyHaveBegun() throws Exception {
        readers.add(new Reader(Long.MAX_VALUE));
        List<SocketChannel> greedy = new ArrayList<>();
        try {
            byte[] begun = "x".repeat(3 << 20).getBytes(StandardCharsets.US_ASCII);
            for (int n = 0; n < 100; n++) { // 300 MiB in all
                SocketChannel one = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                greedy.add(one);
                for (ByteBuffer bytes = ByteBuffer.wrap(begun); bytes.hasRemaining(); ) {
                    one.write(bytes);
                }
            }
            running.awaitLog("there is no room for more unfinished frames, and this is the longest");
            send(20_000);

            assertAllGot(20_000);
        } finally {
            for (SocketChannel one : greedy) {
                one.close();
            }
        }
        assertWell();
    }

    private void send(int frames) throws IOException {
        String thousand = FRAME.repeat(Math.min(frames, 1_000));
        try (SocketChannel sender = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            for (int sent = 0; sent < frames; sent += 1_000) {
                ByteBuffer bytes = ByteBuffer.wrap(thousand.getBytes(StandardCharsets.US_ASCII));
                while (bytes.hasRemaining()) {
                    sender.write(bytes);
                }
            }
        }
    }

    private void assertAllGot(long frames) throws InterruptedException {
        for (int n = 0; n < readers.size(); n++) {
            long hellos = joined - n; // its own, and those of all who came after it
            readers.get(n).await(hellos + frames);
            assertThat(readers.get(n).frames()).as("reader %d", n).isEqualTo(hellos + frames);
        }
    }

    private void assertWell() throws Exception {
        running.terminate();
        assertThat(running.awaitEnd()).isZero();
        assertThat(running.log()).noneMatch(line -> line.contains("ERROR") || line.contains("OutOfMemory"));
    }

    /** A client that counts what comes, until so many bytes have come: then it reads no more, and stays. */
    private final class Reader {
        private final SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        private final long most;
        private long frames;

        /** When it is made it is in: it has got what it sent itself. */
        Reader(long most) throws Exception {
            this.most = most;
            Thread thread = new Thread(this::read, "test reader");
            thread.setDaemon(true);
            thread.start();
            channel.write(ByteBuffer.wrap(
                    "{\"tract\":\"small\",\"event\":\"hello\",\"ts\":1}\n".getBytes(StandardCharsets.US_ASCII)));
            await(1);
            joined++;
        }

        private void read() {
            ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
            byte[] bytes = new byte[buffer.capacity()];
            long got = 0;
            try {
                for (int count = channel.read(buffer); count >= 0 && got < most; count = channel.read(buffer.clear())) {
                    got += count;
                    buffer.flip().get(bytes, 0, count);
                    count(bytes, count);
                }
            } catch (IOException closedByTheTest) {
                return;
            }
        }

        private synchronized void count(byte[] bytes, int length) {
            for (int i = 0; i < length; i++) {
                frames += bytes[i] == '\n' ? 1 : 0;
            }
            notifyAll();
        }

        synchronized long frames() {
            return frames;
        }

        synchronized void await(long wanted) throws InterruptedException {
            while (frames < wanted) {
                wait();
            }
        }
    }
}
