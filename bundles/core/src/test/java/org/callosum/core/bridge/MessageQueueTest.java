// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.bridge;

import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

import org.callosum.api.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

@Timeout(30)
class MessageQueueTest {
    private static final Duration NONE = Duration.ZERO;
    private static final Duration LONG = Duration.ofSeconds(20);

    /** A message takes its text and {@link Queued#OVERHEAD_BYTES}: 1,000 bytes each, here. */
    private static final int TEXT = 800;

    @Test
    void messagesComeOutInTheirOrder() {
        var queue = new MessageQueue(10_000, 0);
        for (int i = 0; i < 5; i++) {
            Arrival.add(queue, message(i));
        }
        for (int i = 0; i < 5; i++) {
            assertThat(queue.tryPoll().longNumber("n")).hasValue((long) i);
        }
        assertThat(queue.tryPoll()).isNull();
    }

    @Test
    void thereIsRoomWhileLessThanTheCapacityIsInIt() {
        var queue = new MessageQueue(2_000, 0);
        Arrival.add(queue, message(1));
        assertThat(queue.hasRoom()).isTrue();
        Arrival.add(queue, message(2));
        assertThat(queue.hasRoom()).isFalse();
        assertThat(queue.size()).isEqualTo(2);
        assertThat(queue.bytes()).isEqualTo(2 * TEXT);
    }

    @Test
    void whoWasToldThatThereIsNoRoomIsToldOnceThatThereIs() {
        var queue = new MessageQueue(4_000, 0);
        for (int i = 0; i < 4; i++) {
            Arrival.add(queue, message(i));
        }
        assertThat(queue.isRoomAgain()).as("nobody asked").isFalse();
        assertThat(queue.hasRoom()).isFalse();
        assertThat(queue.isRoomAgain()).as("still full").isFalse();
        queue.tryPoll();
        assertThat(queue.isRoomAgain()).as("some is free").isTrue();
        assertThat(queue.isRoomAgain()).as("told already").isFalse();
    }

    @Test
    void aReservedPlaceGoesIntoTheAllowanceAndNoFurther() {
        var queue = new MessageQueue(2_000, 1_000);
        var places = queue.places();
        Arrival.add(queue, message(1));
        Arrival.add(queue, message(2));
        assertThat(queue.hasRoom()).isFalse();
        assertThat(places.reserve(TEXT)).isTrue();
        assertThat(places.reserve(TEXT)).isFalse();
        Arrival.add(queue, places, message(3));
        assertThat(places.reserve(TEXT)).as("it took its own place").isFalse();
        assertThat(queue.size()).isEqualTo(3);
    }

    @Test
    void aReservedPlaceCanBeGivenBack() {
        var queue = new MessageQueue(1_000, 0);
        var places = queue.places();
        assertThat(places.reserve(TEXT)).isTrue();
        assertThat(queue.hasRoom()).isFalse();
        assertThat(places.release(TEXT))
                .as("room for one who was told that there is none")
                .isTrue();
        assertThat(queue.hasRoom()).isTrue();
    }

    @Test
    void whoGoesForfeitsItsOwnReservedPlacesAlone() throws Exception {
        var queue = new MessageQueue(3_000, 0);
        var gone = queue.places();
        var other = queue.places();
        assertThat(gone.reserve(TEXT)).isTrue();
        assertThat(gone.reserve(TEXT)).isTrue();
        assertThat(other.reserve(TEXT)).isTrue();
        Arrival.add(queue, gone, message(1));
        gone.forfeit();
        gone.forfeit();

        assertThat(queue.size()).as("what had come").isEqualTo(1);
        assertThat(queue.bytes()).isEqualTo(TEXT);
        assertThat(other.reserve(TEXT)).as("the place that is free again").isTrue();
        assertThat(other.reserve(TEXT)).isFalse();
        queue.tryPoll();
        assertThat(queue.tryPoll()).isNull();
        assertThat(queue.drain(NONE)).as("the other's are still to come").isFalse();
        other.forfeit();
        assertThat(queue.drain(NONE)).isTrue();
    }

    @Test
    void aLargerCapacityIsRoomAtOnce() {
        var queue = new MessageQueue(1_000, 0);
        Arrival.add(queue, message(1));
        assertThat(queue.hasRoom()).isFalse();
        assertThat(queue.resize(10_000, 0)).isTrue();
        assertThat(queue.hasRoom()).isTrue();
    }

    @Test
    void drainEndsWhenTheLastMessageIsDone() throws Exception {
        var queue = new MessageQueue(10_000, 10_000);
        Arrival.add(queue, message(1));
        queue.tryPoll();
        Arrival.add(queue, message(2));
        var drained = CompletableFuture.supplyAsync(() -> drain(queue));
        while (queue.hasRoom()) {
            Thread.onSpinWait();
        }
        assertThat(queue.tryPoll()).isNotNull();
        assertThat(drained).as("it is taken, not done").isNotDone();
        assertThat(queue.tryPoll()).isNull();

        assertThat(drained.get(10, SECONDS)).isTrue();
    }

    @Test
    void drainWaitsForWhatIsReserved() throws Exception {
        var queue = new MessageQueue(10_000, 10_000);
        var places = queue.places();
        places.reserve(TEXT);
        var drained = CompletableFuture.supplyAsync(() -> drain(queue));
        while (queue.hasRoom()) {
            Thread.onSpinWait();
        }
        assertThat(drained).isNotDone();
        Arrival.add(queue, places, message(1));
        queue.tryPoll();
        queue.tryPoll();

        assertThat(drained.get(10, SECONDS)).isTrue();
    }

    @Test
    void drainThatLastsTooLongSaysSo() throws Exception {
        var queue = new MessageQueue(10_000, 0);
        Arrival.add(queue, message(1));

        assertThat(queue.drain(NONE)).isFalse();
    }

    @Test
    void aClosedQueueGivesAndReservesNothingMore() {
        var queue = new MessageQueue(10_000, 0);
        assertThat(queue.close()).isZero();
        Arrival.add(queue, message(1));

        assertThat(queue.tryPoll()).isNull();
        assertThat(queue.close()).as("left in it").isEqualTo(1);
        assertThat(queue.places().reserve(1)).isFalse();
    }

    @Test
    void whoFoundNothingIsWokenOnceAndNotForEachMessage() {
        var queue = new MessageQueue(10_000, 0);
        var woken = new AtomicInteger();
        queue.onArrival(woken::incrementAndGet);
        Arrival.add(queue, message(0));
        assertThat(woken).as("nobody looked yet").hasValue(0);
        assertThat(queue.tryPoll()).isNotNull();
        assertThat(queue.tryPoll()).isNull();
        assertThat(queue.tryPoll()).isNull();
        Arrival.add(queue, message(1));
        Arrival.add(queue, message(2));
        assertThat(woken).hasValue(1);
        queue.tryPoll();
        Arrival.add(queue, message(3));
        assertThat(woken).as("not at its end yet").hasValue(1);
        queue.tryPoll();
        queue.tryPoll();
        assertThat(queue.tryPoll()).isNull();
        queue.close();
        assertThat(woken).as("told of the end").hasValue(2);
    }

    /** The taker sleeps only when it found nothing, and by the wake-up alone: one that is lost, and this stands still. */
    @Test
    void noWakeUpIsLostAndNoMessage() throws Exception {
        var queue = new MessageQueue(20_000, 0);
        var wakeUps = new Semaphore(0);
        var room = new Semaphore(0);
        int producers = 3;
        int each = 30_000;
        queue.onArrival(wakeUps::release);
        var threads = new ArrayList<Thread>();
        var turn = new Object();
        int[] next = {0};
        for (int p = 0; p < producers; p++) {
            var thread = new Thread(() -> {
                for (int i = 0; i < each; i++) {
                    synchronized (turn) { // as the bus: one order for all
                        while (!queue.hasRoom()) {
                            room.acquireUninterruptibly();
                        }
                        Arrival.add(queue, numbered(next[0]++));
                    }
                    if (i % 7 == 0) {
                        Thread.yield(); // so that the taker finds nothing now and then
                    }
                }
            });
            threads.add(thread);
            thread.start();
        }
        int slept = 0;
        for (int n = 0; n < producers * each; ) {
            Message message = queue.tryPoll();
            if (queue.isRoomAgain()) {
                room.release();
            }
            if (message == null) {
                slept++;
                assertThat(wakeUps.tryAcquire(20, SECONDS)).as("woken").isTrue();
                assertThat(wakeUps.availablePermits()).as("woken once").isZero();
            } else {
                assertThat(message.event()).isEqualTo(Integer.toString(n++));
            }
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(slept).isPositive();
        assertThat(queue.size()).isZero();
        assertThat(queue.bytes()).isZero();
        assertThat(queue.hasRoom()).isTrue();
    }

    private static Message numbered(int n) {
        return Message.ofFrame("a", Integer.toString(n), new byte[n % 300]);
    }

    private static boolean drain(MessageQueue queue) {
        try {
            return queue.drain(LONG);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Message message(int n) {
        String start = "{\"tract\":\"a\",\"event\":\"b\",\"n\":" + n + ",\"pad\":\"";
        return Message.parse(start + "x".repeat(TEXT - start.length() - 2) + "\"}");
    }
}
