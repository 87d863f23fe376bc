// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.callosum.api.EmitRefusedException;
import org.callosum.api.Json;
import org.callosum.api.Message;
import org.callosum.transport.ConnectionStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The row 'a client that does not read' of protocol.md. */
@Timeout(60)
class SlowClientTest {
    private static final int FRAME = 10_000;
    private static final long BACKLOG = 1 << 20;

    /** More than a backlog and all the sockets' buffers hold. */
    private static final int MANY = 1_000;

    private static final Duration SOON = Duration.ofMillis(700);
    private static final Duration NEVER = Duration.ofHours(1);

    @TempDir
    Path folder;

    private ServedBus bus;

    @AfterEach
    void stop() {
        bus.close();
    }

    @Test
    void whoReadsSlowlyLosesNothingAndCostsTheOthersNothing() throws Exception {
        bus = ServedBus.in(folder);
        try (WireClient sender = WireClient.join(bus.socket()).drain();
                WireClient listener = WireClient.join(bus.socket());
                WireClient slow = WireClient.join(bus.socket())) {
            listener.readLine();

            sendMany(sender, 0).join();
            readMany(listener, 0); // while the slow one has read nothing

            assertThat(bus.counter("backlogBytes")).isBetween(1L, (long) MANY * (FRAME + 1));
            readMany(slow, 0);
            await().until(() -> bus.counter("backlogBytes") == 0);
            assertThat(bus.counter("droppedSendOnly")).isZero();
        }
    }

    @Test
    void whoNeverReadsGoesOnAsASender() throws Exception {
        bus = ServedBus.in(folder, ServedBus.limits(BACKLOG, SOON, SlowPolicy.DISCONNECT, BACKLOG));
        try (WireClient listener = WireClient.join(bus.socket());
                WireClient sender = WireClient.connect(bus.socket())) {
            for (int round = 0; round < 3; round++) {
                CompletableFuture<Void> sent = sendMany(sender, round * MANY);
                readMany(listener, round * MANY);
                sent.join();
            }

            assertThat(bus.counter("sendOnlyClients")).isEqualTo(1);
            assertThat(bus.counter("clients")).isEqualTo(2);
            assertThat(bus.counter("disconnectedStalled")).isZero();
            assertThat(warningsAbout("client 2 ")).isEmpty();
            assertThat(bus.log().lines("INFO"))
                    .filteredOn(line -> line.contains("has never read"))
                    .singleElement()
                    .asString()
                    .startsWith("INFO client 2 ")
                    .contains("dropped and counted until it reads")
                    .containsPattern(" \\[client=2 user=[^ ]+ dropped_bytes=[0-9]+]$");
        }
    }

    @Test
    void whoBeginsToReadAfterAllGetsWholeFramesAndIsANormalClientAgain() throws Exception {
        bus = ServedBus.in(folder, ServedBus.limits(BACKLOG, NEVER, SlowPolicy.DISCONNECT, BACKLOG));
        try (WireClient listener = WireClient.join(bus.socket());
                WireClient sender = WireClient.connect(bus.socket())) {
            CompletableFuture<Void> sent = sendMany(sender, 0);
            readMany(listener, 0);
            sent.join();
            await().until(() -> bus.counter("sendOnlyClients") == 1);
            long dropped = bus.counter("droppedSendOnly");
            assertThat(dropped).isPositive();

            // What its socket held, then nothing until it is a reader again.
            for (int i = 0; i < MANY - dropped; i++) {
                String line = sender.readLine();
                Json.parseObject(line);
                assertThat(line).isEqualTo(Frames.ofLength(FRAME, i));
            }
            await().until(() -> bus.counter("sendOnlyClients") == 0);
            sender.send(Frames.numbered("again", 1));
            assertThat(sender.readLine()).isEqualTo(Frames.numbered("again", 1));
            assertThat(bus.counter("droppedSendOnly")).isEqualTo(dropped);
        }
    }

    @Test
    void whoHasReadAndStallsIsDisconnectedAndTheSendersGoOn() throws Exception {
        bus = ServedBus.in(folder, ServedBus.limits(BACKLOG, SOON, SlowPolicy.DISCONNECT, BACKLOG));
        RecordingReceiver receiver = new RecordingReceiver();
        bus.server().attach(receiver);
        try (WireClient sender = WireClient.join(bus.socket()).drain();
                WireClient listener = WireClient.join(bus.socket());
                WireClient stalled = reader(sender, listener)) {
            CompletableFuture<Void> sent = sendMany(sender, 0);
            readMany(listener, 0);
            sent.join();

            assertThat(bus.counter("disconnectedStalled")).isEqualTo(1);
            List<String> warnings = warningsAbout("client 3 ");
            assertThat(warnings).hasSize(2);
            assertThat(warnings.get(0))
                    .contains("holds the bus up", "1048576 bytes")
                    .containsPattern(" \\[client=3 user=[^ ]+ backlog_bytes=[0-9]+ full_bytes=1048576 stall_ms=700]$");
            assertThat(warnings.get(1)).contains("is disconnected", "700 ms");
            ConnectionStatus closed = bus.server().closedConnections().get(0);
            assertThat(warnings.get(1))
                    .endsWith(" [client=3 user=" + closed.user() + " backlog_bytes=" + closed.backlogBytes()
                            + " stalled_ms=700]");
            assertThat(closed.id()).isEqualTo(3);
            assertThat(receiver.thrownOff()).as("what the runtime was told").containsExactly(closed);
            assertThat(closed.reason()).contains("no progress for 700 ms");
            assertThat(closed.backlogBytes()).isGreaterThanOrEqualTo(BACKLOG);
            assertThat(closed.lastFrame()).isEqualTo("test/hello");
            assertThat(stalled.channel().isConnected()).isTrue(); // it would see the end if it read
        }
    }

    @Test
    void withPolicyBlockTheSendersWaitUntilItReadsAndNothingIsLost() throws Exception {
        bus = ServedBus.in(folder, ServedBus.limits(BACKLOG, SOON, SlowPolicy.BLOCK, BACKLOG));
        try (WireClient sender = WireClient.join(bus.socket()).drain();
                WireClient listener = WireClient.join(bus.socket());
                WireClient stalled = reader(sender, listener)) {
            listener.drain();
            CompletableFuture<Void> sent = sendMany(sender, 0);
            await().until(() -> warningsAbout("client 3 ").stream()
                    .anyMatch(line -> line.contains("the senders wait until it reads or leaves")
                            && line.endsWith(" stalled_ms=700]")));
            assertThat(sent).isNotDone();
            assertThat(bus.counter("clients")).isEqualTo(3);

            readMany(stalled, 0);

            sent.join();
            assertThat(bus.counter("disconnectedStalled")).isZero();
            await().untilAsserted(() -> assertThat(bus.log().lines("INFO")).anySatisfy(line -> assertThat(line)
                    .contains("has caught up")
                    .containsPattern(" \\[client=3 user=[^ ]+ held_up_ms=[0-9]+]$")));
        }
    }

    @Test
    void whoHoldsTheBusUpAndLeavesHoldsItUpNoMore() throws Exception {
        bus = ServedBus.in(folder, ServedBus.limits(BACKLOG, NEVER, SlowPolicy.BLOCK, BACKLOG));
        try (WireClient sender = WireClient.join(bus.socket()).drain();
                WireClient listener = WireClient.join(bus.socket())) {
            WireClient stalled = reader(sender, listener);
            listener.drain();
            CompletableFuture<Void> sent = sendMany(sender, 0);
            await().until(() -> !warningsAbout("client 3 ").isEmpty());
            assertThat(sent).isNotDone();

            stalled.close();

            sent.join();
            await().untilAsserted(() -> assertThat(bus.log().lines("INFO")).anySatisfy(line -> assertThat(line)
                    .contains("is gone: it holds the bus up no more")
                    .containsPattern(" \\[client=3 user=[^ ]+ held_up_ms=[0-9]+]$")));
        }
    }

    @Test
    void whoIsBusyIsNotThrownOff() throws Exception {
        bus = ServedBus.in(folder, ServedBus.limits(BACKLOG / 2, SOON, SlowPolicy.DISCONNECT, BACKLOG));
        try (WireClient sender = WireClient.join(bus.socket()).drain();
                WireClient listener = WireClient.join(bus.socket());
                WireClient busy = reader(sender, listener)) {
            listener.drain();
            CompletableFuture<Void> sent = sendMany(sender, 0);
            for (int i = 0; i < MANY; i++) {
                assertThat(busy.readLine()).isEqualTo(Frames.ofLength(FRAME, i));
                LockSupport.parkNanos(
                        TimeUnit.MILLISECONDS.toNanos(2)); // its work; all of it takes longer than a stall
            }
            sent.join();

            assertThat(bus.counter("heldUp")).isPositive();
            assertThat(bus.counter("disconnectedStalled")).isZero();
            assertThat(bus.counter("clients")).isEqualTo(3);
        }
    }

    @Test
    void theBacklogIsBounded() throws Exception {
        bus = ServedBus.in(folder, ServedBus.limits(BACKLOG, NEVER, SlowPolicy.BLOCK, BACKLOG));
        try (WireClient sender = WireClient.join(bus.socket()).drain();
                WireClient listener = WireClient.join(bus.socket());
                WireClient stalled = reader(sender, listener)) {
            listener.drain();
            CompletableFuture<Void> sent = sendMany(sender, 0);
            await().until(() -> !warningsAbout("client 3 ").isEmpty());
            await().until(() -> backlogOf(3) >= BACKLOG);

            assertThat(backlogOf(3)).isLessThanOrEqualTo(BACKLOG + FRAME + 1);
            readMany(stalled, 0);
            sent.join();
        }
    }

    @Test
    void ownEmitsPassAFullBacklogAndAreThenRefusedAtOnce() throws Exception {
        bus = ServedBus.in(folder, ServedBus.limits(BACKLOG, NEVER, SlowPolicy.BLOCK, BACKLOG));
        try (WireClient sender = WireClient.join(bus.socket()).drain();
                WireClient listener = WireClient.join(bus.socket());
                WireClient stalled = reader(sender, listener)) {
            listener.drain();
            CompletableFuture<Void> sent = sendMany(sender, 0);
            await().until(() -> !warningsAbout("client 3 ").isEmpty());

            int accepted = 0;
            EmitRefusedException refusal = null;
            // This thread may be faster than the bus: it is full when the order is, and what waits for the order too.
            while (refusal == null || backlogOf(3) < 2 * BACKLOG || bus.counter("ownPendingBytes") < BACKLOG - FRAME) {
                try {
                    bus.server().send(own(accepted));
                    accepted++;
                } catch (EmitRefusedException e) {
                    refusal = e;
                }
            }
            assertThat(refusal)
                    .hasMessageContaining("own/e")
                    .hasMessageContaining("the limit is 1048576")
                    .hasMessageContaining("ownAllowanceBytes");
            // One allowance beyond the backlog, and as much again before the order.
            assertThat((long) accepted * FRAME).isBetween(2 * BACKLOG - 3 * FRAME, 2 * BACKLOG + 3 * FRAME);
            assertThat(sent).isNotDone();

            int others = 0;
            for (int own = 0; own < accepted || others < MANY; ) {
                String line = stalled.readLine();
                if (line.contains("\"own\"")) {
                    assertThat(Frames.number(line)).isEqualTo(own++);
                } else {
                    assertThat(Frames.number(line)).isEqualTo(others++);
                }
            }
            sent.join();
            assertThat(bus.counter("ownPendingBytes")).isZero();
        }
    }

    /** What waits for one client alone: the others, too, may be behind for a moment. */
    private long backlogOf(long client) {
        return bus.server().connections().stream()
                .filter(each -> each.id() == client)
                .findAny()
                .orElseThrow()
                .backlogBytes();
    }

    private List<String> warningsAbout(String client) {
        return bus.log().lines("WARN").stream()
                .filter(line -> line.contains(client))
                .toList();
    }

    private static Message own(int number) {
        return Message.of("own", "e", Map.of("n", number, "pad", "x".repeat(FRAME - 64)));
    }

    /** A client of which the server knows that it reads: it has been blocked on it before. */
    private WireClient reader(WireClient sender, WireClient listener) throws IOException {
        WireClient reader = WireClient.join(bus.socket());
        listener.readLine(); // the reader's hello
        int enough = 50; // 500 kB: more than its socket holds
        for (int i = 0; i < enough; i++) {
            sender.send(Frames.ofLength(FRAME, i));
        }
        for (WireClient client : List.of(listener, reader)) {
            for (int i = 0; i < enough; i++) {
                assertThat(client.readLine()).isEqualTo(Frames.ofLength(FRAME, i));
            }
        }
        return reader;
    }

    private static CompletableFuture<Void> sendMany(WireClient sender, int first) {
        return CompletableFuture.runAsync(() -> {
            try {
                for (int i = 0; i < MANY; i++) {
                    sender.send(Frames.ofLength(FRAME, first + i));
                }
            } catch (IOException e) {
                throw new CompletionException(e);
            }
        });
    }

    private static void readMany(WireClient client, int first) throws IOException {
        for (int i = 0; i < MANY; i++) {
            assertThat(client.readLine()).isEqualTo(Frames.ofLength(FRAME, first + i));
        }
    }
}
