// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.callosum.api.EmitRefusedException;
import org.callosum.api.Message;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** The server and the receiver in its own process: row 'reading the bus' and 'emitting while all is full' of dispatch.md. */
@Timeout(60)
class ServerReceiverTest {
    @TempDir
    Path folder;

    private final RecordingReceiver receiver = new RecordingReceiver();
    private ServedBus bus;

    @BeforeEach
    void serve() throws IOException {
        bus = ServedBus.in(folder);
    }

    @AfterEach
    void stop() {
        bus.close();
    }

    @Test
    void theReceiverGetsWhatTheClientsGetInTheSameOrder() throws Exception {
        try (WireClient client = WireClient.join(bus.socket())) {
            bus.server().attach(receiver);
            for (int i = 0; i < 200; i++) {
                client.send("{\"tract\":\"c\",\"event\":\"e\",\"n\":" + i + "}");
                bus.server().send(Message.of("own", "e", Map.of("n", i)));
            }
            for (int i = 0; i < 400; i++) {
                assertThat(receiver.next().toJson())
                        .isEqualTo(client.readLine())
                        .contains("\"ts\":");
            }
        }
    }

    @Test
    void theReceiverIsToldWhoIsThrownOffAndNotWhoLeaves() throws Exception {
        bus.server().attach(receiver);
        try (WireClient thrownOff = WireClient.join(bus.socket())) {
            WireClient.join(bus.socket()).close();
            await().until(() -> !bus.server().closedConnections().isEmpty());

            assertThat(bus.server().disconnect(1)).isTrue();

            assertThat(receiver.thrownOff())
                    .isEqualTo(bus.server().closedConnections().subList(1, 2))
                    .singleElement()
                    .satisfies(client -> assertThat(client.reason()).isEqualTo("disconnected by an operator"));
            assertThat(thrownOff.channel().isOpen()).isTrue(); // it would see the end if it read
        }
    }

    @Test
    void withoutRoomTheSendersWaitAndNothingIsLost() throws Exception {
        receiver.roomFor(10);
        bus.server().attach(receiver);
        try (WireClient sender = WireClient.connect(bus.socket())) {
            StringBuilder burst = new StringBuilder();
            for (int i = 0; i < 100; i++) {
                burst.append(Frames.numbered("s", i)).append('\n');
            }
            sender.write(burst.toString().getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < 10; i++) {
                assertThat(receiver.next().longNumber("n")).hasValue((long) i);
                assertThat(sender.readLine()).isEqualTo(Frames.numbered("s", i));
            }

            // The next thing on the bus is this runtime's own, not the eleventh.
            bus.server().send(Message.of("own", "e", Map.of()));
            assertThat(receiver.next().tract()).isEqualTo("own");
            assertThat(sender.readLine()).contains("\"own\"");

            // Others are still let in, and still get what is emitted.
            try (WireClient late = WireClient.connect(bus.socket())) {
                late.send(Frames.numbered("late", 0));
                await().until(() -> bus.counter("clients") == 2);
                bus.server().send(Message.of("own", "second", Map.of()));
                assertThat(late.readLine()).contains("\"second\"");
                assertThat(receiver.next().event()).isEqualTo("second");
                sender.readLine();

                receiver.roomFor(Long.MAX_VALUE);
                bus.server().resume();

                int next = 10;
                boolean isLateIn = false;
                while (next < 100 || !isLateIn) {
                    Message message = receiver.next();
                    if (message.tract().equals("late")) {
                        isLateIn = true;
                    } else {
                        assertThat(message.longNumber("n")).hasValue((long) next++);
                    }
                    assertThat(sender.readLine()).isEqualTo(message.toJson());
                }
            }
        }
    }

    @Test
    void theLastFrameOfAClientThatClosedWaitsForRoomToo() throws Exception {
        receiver.roomFor(1);
        bus.server().attach(receiver);
        try (WireClient sender = WireClient.connect(bus.socket())) {
            sender.write((Frames.numbered("s", 0) + "\n" + Frames.numbered("s", 1) + "\n" + Frames.numbered("s", 2))
                    .getBytes(StandardCharsets.US_ASCII));
        }
        assertThat(receiver.next().longNumber("n")).hasValue(0L);

        for (int i = 1; i < 3; i++) {
            receiver.roomFor(1);
            bus.server().resume();
            assertThat(receiver.next().longNumber("n")).hasValue((long) i);
        }
    }

    @Test
    void whatCannotBeReservedIsRefusedAtOnce() {
        receiver.reservable(100);
        receiver.roomFor(0);
        bus.server().attach(receiver);

        bus.server().send(Message.of("a", "b", Map.of()));
        assertThatThrownBy(() -> bus.server().send(Message.of("a", "b", Map.of("x", "y".repeat(100)))))
                .isInstanceOf(EmitRefusedException.class)
                .hasMessageContaining("a/b")
                .hasMessageContaining("emit again");
    }

    @Test
    void whatWasReservedIsGivenBackWhenTheServerHasStopped() {
        bus.server().attach(receiver);
        bus.server().stop();

        assertThatThrownBy(() -> bus.server().send(Message.of("a", "b", Map.of())))
                .isInstanceOf(EmitRefusedException.class)
                .hasMessageContaining("the bus has stopped");
        assertThat(receiver.reservedBytes()).isZero();
    }

    @Test
    void aReservationIsForExactlyTheBytesThatTheReceiverGets() throws Exception {
        bus.server().attach(receiver);
        for (int i = 0; i < 50; i++) {
            bus.server().send(Message.of("a", "b", i % 2 == 0 ? Map.of("x", "é".repeat(i)) : Map.of("ts", i)));
        }
        for (int i = 0; i < 50; i++) {
            receiver.next();
        }
        assertThat(receiver.reservedBytes()).isZero();
    }

    @Test
    void whatIsSentWhileTheReceiverIsAwayFindsTheNextOne() throws Exception {
        try (WireClient sender = WireClient.join(bus.socket())) {
            bus.server().attach(receiver);
            sender.send(Frames.numbered("s", 1));
            assertThat(receiver.next().longNumber("n")).hasValue(1L);
            bus.server().detach(receiver);
            for (int i = 2; i <= 100; i++) {
                sender.send(Frames.numbered("s", i));
            }
            var next = new RecordingReceiver();
            bus.server().attach(next);

            for (int i = 2; i <= 100; i++) {
                assertThat(next.next().longNumber("n")).hasValue((long) i);
            }
            bus.server().detach(next);
        }
    }

    @Test
    void whatIsSentBeforeTheFirstReceiverIsThereFindsIt() throws Exception {
        bus.close();
        bus = ServedBus.awaitingAReceiverFor(Duration.ofSeconds(30), folder);
        try (WireClient sender = WireClient.connect(bus.socket())) {
            for (int i = 0; i < 100; i++) {
                sender.send(Frames.numbered("s", i));
            }
            await().until(() -> bus.counter("clients") == 1);
            bus.server().send(Message.of("own", "e", Map.of()));
            assertThat(sender.readLine()).contains("\"own\""); // the bus has had its turn, and did not take the others
            bus.server().attach(receiver);

            for (int i = 0; i < 100; i++) {
                assertThat(receiver.next().longNumber("n")).hasValue((long) i);
            }
        }
    }

    @Test
    void aFirstReceiverThatDoesNotComeIsWaitedForOnlySoLong() throws Exception {
        bus.close();
        bus = ServedBus.awaitingAReceiverFor(Duration.ofMillis(300), folder);
        try (WireClient sender = WireClient.connect(bus.socket())) {
            sender.send(Frames.numbered("s", 1));
            assertThat(sender.readLine()).isEqualTo(Frames.numbered("s", 1));
        }
    }

    @Test
    void aReceiverThatStaysAwayIsWaitedForOnlySoLong() throws Exception {
        bus.close();
        bus = ServedBus.in(folder, ServedBus.awaitingItsReceiverFor(Duration.ofMillis(300)));
        bus.server().attach(receiver);
        bus.server().detach(receiver);
        try (WireClient sender = WireClient.connect(bus.socket())) {
            sender.send(Frames.numbered("s", 1));
            assertThat(sender.readLine()).isEqualTo(Frames.numbered("s", 1));
        }
    }

    @Test
    void whoLeavesMakesRoomForTheSenders() throws Exception {
        bus.close();
        bus = ServedBus.in(folder, ServedBus.awaitingItsReceiverFor(Duration.ZERO));
        receiver.roomFor(0);
        bus.server().attach(receiver);
        try (WireClient sender = WireClient.connect(bus.socket())) {
            sender.send(Frames.numbered("s", 1));
            bus.server().detach(receiver);
            assertThat(sender.readLine()).isEqualTo(Frames.numbered("s", 1));
        }
    }

    @Test
    void afterDetachTheReceiverIsNotCalled() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        AtomicBoolean isDetached = new AtomicBoolean();
        AtomicBoolean wasCalledAfter = new AtomicBoolean();
        var gated = new RecordingReceiver() {
            @Override
            public void receive(Message message, boolean isReserved) {
                entered.countDown();
                try {
                    gate.await(10, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                wasCalledAfter.compareAndSet(false, isDetached.get());
            }
        };
        bus.server().attach(gated);
        try (WireClient sender = WireClient.connect(bus.socket())) {
            sender.send(Frames.numbered("s", 1));
            sender.send(Frames.numbered("s", 2));
            entered.await();
            Thread detaching = new Thread(() -> {
                bus.server().detach(gated);
                isDetached.set(true);
            });
            detaching.start();
            gate.countDown();
            detaching.join();
            bus.server().attach(receiver);
            sender.send(Frames.numbered("s", 3));
            while (receiver.next().longNumber("n").orElseThrow() != 3) {}
        }
        assertThat(wasCalledAfter).isFalse();
    }

    @Test
    void aReceiverMayDetachItselfWhileItIsCalled() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        var leaving = new RecordingReceiver() {
            @Override
            public void receive(Message message, boolean isReserved) {
                bus.server().detach(this);
                done.countDown();
            }
        };
        bus.server().attach(leaving);
        try (WireClient sender = WireClient.connect(bus.socket())) {
            sender.send(Frames.numbered("s", 1));
            done.await();
            bus.server().attach(receiver);
            sender.send(Frames.numbered("s", 2));
            assertThat(receiver.next().longNumber("n")).hasValue(2L);
        }
    }

    @Test
    void aReceiverMayEmitWhileItIsCalled() throws Exception {
        var answering = new RecordingReceiver() {
            @Override
            public void receive(Message message, boolean isReserved) {
                super.receive(message, isReserved);
                if (message.tract().equals("question")) {
                    bus.server().send(Message.of("answer", "e", Map.of()));
                }
            }
        };
        bus.server().attach(answering);
        try (WireClient client = WireClient.connect(bus.socket())) {
            client.send("{\"tract\":\"question\",\"event\":\"e\"}");
            assertThat(client.readLine()).contains("question");
            assertThat(client.readLine()).contains("answer");
        }
        assertThat(answering.next().tract()).isEqualTo("question");
        assertThat(answering.next().tract()).isEqualTo("answer");
    }
}
