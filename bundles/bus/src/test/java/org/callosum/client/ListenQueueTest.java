// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.client;

import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.callosum.api.Gap;
import org.callosum.api.Message;
import org.callosum.bus.SystemLog;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ListenQueueTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Message MESSAGE = Message.of("a", "b", Map.of());
    private static final long SIZE = MESSAGE.toUtf8().remaining() + ListenQueue.OVERHEAD_BYTES;

    private final JdkLog log = JdkLog.of("org.callosum.client.test");
    private final ListenQueue queue = new ListenQueue(
            (tract, event) -> !tract.equals("unwanted"), 2 * SIZE, new SystemLog("org.callosum.client.test"));

    @Test
    void whatIsMissedInOnePlaceIsOneGapThoughWhatIsBeforeItWasTakenAlready() {
        queue.receiveAhead(MESSAGE);
        queue.receiveAhead(MESSAGE);
        queue.receiveAhead(MESSAGE);
        queue.received();
        Message first = (Message) queue.take();
        queue.receive(MESSAGE, false);
        queue.handled(first);
        queue.handled((Message) queue.take());

        assertThat(queue.take()).isInstanceOfSatisfying(Notice.class, notice -> assertThat(notice.gaps())
                .singleElement()
                .extracting(Gap::events)
                .isEqualTo(OptionalLong.of(2)));
        assertThat(queue.bytes()).isZero();
        assertThat(queue.messages()).isZero();
    }

    @Test
    void whatNobodyWantsIsDoneWithByItsNames() {
        assertThat(queue.receiveUnheard("unwanted", "b")).isTrue();
        assertThat(queue.receiveUnheard("a", "b")).isFalse();
    }

    @Test
    void whatNobodyWantsTakesNoRoomAndIsNotMissed() {
        for (int i = 0; i < 10; i++) {
            queue.receive(Message.of("unwanted", "b", Map.of()), false);
        }
        queue.receive(MESSAGE, false);

        assertThat(queue.take()).isSameAs(MESSAGE);
        assertThat(queue.givenUp()).isZero();
    }

    @Test
    void theMessageThatIsBeingHandedOverTakesItsRoom() {
        queue.receive(MESSAGE, false);
        queue.receive(MESSAGE, false);
        Message taken = (Message) queue.take();
        queue.receive(MESSAGE, false);
        assertThat(queue.givenUp()).isEqualTo(1);
        queue.handled(taken);
        queue.receive(MESSAGE, false);
        assertThat(queue.givenUp()).isEqualTo(1);
        assertThat(queue.bytes()).isEqualTo(2 * SIZE);
    }

    @Test
    void anEmptyQueueTakesAMessageOfAnySize() {
        Message large = Message.of("a", "b", Map.of("pad", "x".repeat(10_000)));
        queue.receive(large, false);
        assertThat(queue.take()).isSameAs(large);
        queue.handled(large);
        assertThat(queue.bytes()).isZero();
    }

    @Test
    void whatIsMissingIsToldInItsPlaceHoweverOftenItHappens() {
        queue.receive(MESSAGE, false);
        queue.receive(MESSAGE, false);
        for (int i = 0; i < 1_000; i++) {
            queue.receive(MESSAGE, false);
            queue.lost("reason " + i);
            queue.connected();
            queue.missed(START.plusSeconds(i), START.plusSeconds(i + 1));
        }
        for (int i = 0; i < 2; i++) {
            queue.handled((Message) queue.take());
        }
        queue.receive(MESSAGE, false);

        assertThat(queue.take()).isInstanceOfSatisfying(Notice.class, notice -> {
            assertThat(notice.lostReason()).isEqualTo("reason 999");
            assertThat(notice.isConnectedAfter(false)).isTrue();
            assertThat(notice.gaps()).hasSize(2);
            assertThat(notice.gaps().get(0))
                    .isEqualTo(new Gap(Gap.Reason.BUS_AWAY, OptionalLong.empty(), START, START.plusSeconds(1_000)));
            assertThat(notice.gaps().get(1).events()).hasValue(1_000);
        });
        assertThat(queue.take()).isSameAs(MESSAGE);
        assertThat(log.lines("WARNING"))
                .as("the change is said, not each message")
                .singleElement()
                .asString()
                .endsWith(" [messages=2 bytes=" + 2 * SIZE + " full_bytes=" + 2 * SIZE + "]");
    }

    @Test
    void aNoticeThatWasTakenIsNotChangedAnyMore() {
        queue.connected();
        Notice taken = (Notice) queue.take();
        queue.lost(null);
        assertThat(taken.isConnectedAfter(false)).isTrue();
        assertThat(((Notice) queue.take()).lostReason()).isNotNull();
    }

    @Test
    void whatIsNotHandedOverIsCountedAtTheCloseWheneverThatComes() throws Exception {
        int messages = 20;
        ExecutorService listener = Executors.newSingleThreadExecutor();
        try {
            for (int round = 0; round < 20_000; round++) {
                ListenQueue each = new ListenQueue(
                        (tract, event) -> true, messages * SIZE, new SystemLog("org.callosum.client.test"));
                for (int i = 0; i < messages; i++) {
                    each.receive(MESSAGE, false);
                }
                AtomicInteger handed = new AtomicInteger();
                Future<?> end = listener.submit(() -> {
                    for (Object next = each.take(); next != null; next = each.take()) {
                        handed.incrementAndGet();
                        each.handled((Message) next);
                    }
                });
                int first = round % messages; // so that it falls at any of them, and between them
                while (handed.get() < first) {
                    Thread.onSpinWait();
                }
                long dropped = each.close();
                end.get(10, TimeUnit.SECONDS);
                assertThat(handed.get() + dropped).as("round %s", round).isEqualTo(messages);
            }
        } finally {
            listener.shutdownNow();
        }
    }

    @Test
    void aClosedQueueHandsNothingOver() {
        queue.connected();
        queue.receive(MESSAGE, false);
        assertThat(queue.close()).isEqualTo(1);
        queue.receive(MESSAGE, false);
        assertThat(queue.take()).isNull();
        assertThat(queue.isConnected()).isFalse();
    }
}
