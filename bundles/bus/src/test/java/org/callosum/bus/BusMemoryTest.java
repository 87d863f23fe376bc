// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import org.callosum.transport.ConnectionStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What all clients together may have the bus hold. */
@SuppressWarnings("try") // a client that only has to be there
@Timeout(120)
class BusMemoryTest {
    private static final long MEMORY = 4 << 20;
    private static final Duration NEVER = Duration.ofHours(1);

    @TempDir
    Path folder;

    private final List<WireClient> clients = new ArrayList<>();
    private ServedBus bus;

    @AfterEach
    void stop() throws IOException {
        for (WireClient client : clients) {
            client.close();
        }
        bus.close();
    }

    @Test
    void theLongestOfManyUnfinishedFramesAreDroppedAndNobodyElsePays() throws Exception {
        bus = ServedBus.in(folder, ServedBus.memory(MEMORY, NEVER));
        WireClient neighbour = client();
        int shortLength = 50_000;
        List<WireClient> modest = clients(10);
        for (int i = 0; i < modest.size(); i++) {
            begin(modest.get(i), shortLength, i);
        }
        int longLength = 400_000;
        List<WireClient> greedy = clients(20);
        for (int i = 0; i < greedy.size(); i++) {
            begin(greedy.get(i), longLength, i);
            assertThat(bus.counter("memoryBytes")).isBetween(1L, MEMORY);
        }

        neighbour.hello(); // the turn is over in which the last of it was read
        long dropped = bus.counter("noRoom");
        assertThat(dropped).isBetween(greedy.size() - MEMORY / longLength, greedy.size() - 1L);
        assertThat(bus.counter("tooLong")).isEqualTo(dropped);
        assertThat(bus.counter("memoryLimitBytes")).isEqualTo(MEMORY);
        assertThat(bus.log().lines("WARN"))
                .isNotEmpty()
                .allMatch(line -> line.contains("no room for more unfinished frames")
                        && line.contains("4194304 bytes in all")
                        && line.contains("raise 'memoryBytes'")
                        && line.contains(" reason=\"no room\" memory_bytes=4194304"));
        for (int i = 0; i < modest.size(); i++) {
            end(modest.get(i), shortLength, i);
            assertThat(neighbour.readLine()).isEqualTo(Frames.ofLength(shortLength, i));
        }
        for (WireClient each : greedy) { // the end of a frame, or of what is dropped of one; the next line counts
            each.write("\n".getBytes(StandardCharsets.US_ASCII));
            each.send(Frames.numbered("after", 1));
            assertThat(neighbour.readLine()).isEqualTo(Frames.numbered("after", 1));
        }
        assertThat(bus.counter("invalid"))
                .as("those that were not dropped, ended before their time")
                .isEqualTo(greedy.size() - dropped);
        assertThat(bus.counter("clients")).isEqualTo(31);
    }

    @Test
    void whatIsUnfinishedIsFreeAgainWhenItsSenderHasGone() throws Exception {
        bus = ServedBus.in(folder, ServedBus.memory(MEMORY, NEVER));
        WireClient neighbour = client();
        long atRest = bus.counter("memoryBytes");
        WireClient sender = clients(1).get(0);
        begin(sender, 400_000, 1);
        neighbour.hello(); // its turn is over
        assertThat(bus.counter("memoryBytes")).isGreaterThanOrEqualTo(atRest + 390_000);

        sender.close();

        await().until(() -> bus.counter("clients") == 1);
        await().until(() -> bus.counter("memoryBytes") == atRest);
        neighbour.hello();
    }

    @Test
    void aFrameOfMoreThanAnEighthIsTooLong() throws Exception {
        bus = ServedBus.in(folder, ServedBus.memory(MEMORY, NEVER));
        WireClient neighbour = client();
        WireClient sender = clients(1).get(0);
        int longest = (int) MEMORY / 8 - 64;

        sender.send(Frames.ofLength(longest + 1, 1));
        sender.send(Frames.ofLength(longest, 2));

        assertThat(neighbour.readLine()).isEqualTo(Frames.ofLength(longest, 2));
        assertThat(bus.counter("tooLong")).isEqualTo(1);
        assertThat(bus.counter("noRoom")).isZero();
        assertThat(bus.log().lines("WARN"))
                .singleElement()
                .asString()
                .contains("raise 'maxFrameBytes'", "an eighth of 'memoryBytes'")
                .endsWith(" reason=\"too long\" max_frame_bytes=" + longest + "]");
    }

    @Test
    void whatWaitsForASlowReaderKeepsWithinTheMemoryWhateverItsBacklogMayBe() throws Exception {
        bus = ServedBus.in(folder, ServedBus.memory(MEMORY, NEVER)); // a backlog of 64 MiB
        WireClient sender = client().drain();
        WireClient slow = WireClient.join(bus.socket());
        clients.add(slow);
        int length = 150_000; // each takes a chunk of its own, of nearly twice its length
        int frames = 100;
        CompletableFuture<Void> sent = sendMany(sender, frames, length);
        await().until(() -> bus.log().lines("WARN").stream().anyMatch(line -> line.contains("holds the bus up"))
                || bus.counter("memoryBytes") >= MEMORY / 4);
        for (int i = 0; i < frames; i++) {
            assertThat(slow.readLine()).isEqualTo(Frames.ofLength(length, i));
            assertThat(bus.counter("memoryBytes")).isBetween(1L, MEMORY);
        }
        sent.join();
        assertThat(bus.counter("disconnectedStalled")).isZero();
    }

    @Test
    void whoNeverReadsAndHasBegunToGetAFrameThatThereIsNoRoomForIsDisconnected() throws Exception {
        bus = ServedBus.in(folder, ServedBus.memory(MEMORY, NEVER));
        WireClient sender = client().drain();
        WireClient listener = WireClient.join(bus.socket());
        clients.add(listener);
        for (int i = 0; i < 30; i++) { // which never read, and whose sockets hold less than a frame
            clients.add(WireClient.connect(bus.socket()));
        }
        await().until(() -> bus.counter("clients") == 32);
        int length = 500_000;
        int frames = 40;
        CompletableFuture<Void> sent = sendMany(sender, frames, length);
        for (int i = 0; i < frames; i++) {
            assertThat(listener.readLine()).isEqualTo(Frames.ofLength(length, i));
            assertThat(bus.counter("memoryBytes")).isBetween(1L, MEMORY);
        }
        sent.join();

        await().until(() -> bus.counter("clients") - bus.counter("sendOnlyClients") == 2);
        assertThat(bus.counter("sendOnlyClients")).isBetween(1L, 29L);
        assertThat(bus.server().closedConnections())
                .isNotEmpty()
                .extracting(ConnectionStatus::reason)
                .containsOnly("never read, and there was no room for the rest of its frame");
        assertThat(bus.counter("disconnectedNoRoom"))
                .isEqualTo(bus.server().closedConnections().size());
    }

    private WireClient client() throws IOException {
        WireClient client = WireClient.join(bus.socket());
        clients.add(client);
        return client;
    }

    /** Some that nobody hears of. */
    private List<WireClient> clients(int count) throws IOException {
        List<WireClient> some = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            some.add(WireClient.connect(bus.socket()));
        }
        clients.addAll(some);
        return some;
    }

    /** Sends a frame but for its last byte. */
    private void begin(WireClient sender, int length, int number) throws IOException {
        long before = bus.counter("bytesIn");
        sender.write(Frames.ofLength(length, number).substring(0, length - 1).getBytes(StandardCharsets.US_ASCII));
        await().until(() -> bus.counter("bytesIn") == before + length - 1);
    }

    private static void end(WireClient sender, int length, int number) throws IOException {
        sender.send(Frames.ofLength(length, number).substring(length - 1));
    }

    private static CompletableFuture<Void> sendMany(WireClient sender, int frames, int length) {
        return CompletableFuture.runAsync(() -> {
            try {
                for (int i = 0; i < frames; i++) {
                    sender.send(Frames.ofLength(length, i));
                }
            } catch (IOException e) {
                throw new CompletionException(e);
            }
        });
    }
}
