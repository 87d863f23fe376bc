// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.bridge;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.stream.LongStream;

import org.callosum.api.Message;
import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Timeout.ThreadMode.SEPARATE_THREAD;

/** The queue with a disk behind it. A message takes 1,000 bytes in memory, and 16 of them fill it. */
@Timeout(value = 60, threadMode = SEPARATE_THREAD)
class SpillingQueueTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final int TEXT = 800;
    private static final long CAPACITY = 16_000;

    private final RecordingLogger log = new RecordingLogger();
    private final FakeSpill disk = new FakeSpill();
    private final Semaphore room = new Semaphore(0);
    private volatile Instant now = Instant.ofEpochMilli(1_000_000);
    private MessageQueue queue = queue(1 << 20, Duration.ofMillis(1));
    private Taker taker;

    @AfterEach
    void end() {
        disk.mayWrite.release(1_000);
        queue.close();
        queue.end();
    }

    @Test
    void whileMostOfItIsFreeNothingIsWritten() throws Exception {
        start();
        add(0, 8);
        assertThat(take(8)).containsExactlyElementsOf(numbers(0, 8));
        assertThat(disk.tried.availablePermits()).isZero();
    }

    @Test
    void whatIsTooMuchGoesToDiskAndComesBackInOrder() throws Exception {
        start();
        add(0, 100);
        while (queue.spilled() < 83) {
            assertThat(queue.size()).as("none is in neither").isEqualTo(100);
        }
        awaitSpilled(83); // all but what fills three quarters, and less than a chunk
        assertThat(queue.size()).isEqualTo(100);
        assertThat(queue.hasRoom()).isTrue();
        assertThat(queue.bytes()).isLessThanOrEqualTo(CAPACITY);

        assertThat(take(100)).containsExactlyElementsOf(numbers(0, 100));
        assertThat(queue.size()).isZero();
        assertThat(queue.tryPoll()).isNull();
        assertThat(disk.left()).isEmpty();
    }

    @Test
    void onceSomethingIsOnDiskWhatComesGoesBehindIt() throws Exception {
        start();
        add(0, 50);
        awaitSpilled(30);
        List<Long> taken = new ArrayList<>(take(15));
        add(50, 60); // memory has room for it now, but it is not its turn
        taken.addAll(take(45));

        assertThat(taken).containsExactlyElementsOf(numbers(0, 60));
    }

    @Test
    void whatAnEarlierProcessLeftComesBeforeAllThatComes() throws Exception {
        disk.append(List.of(
                Queued.of(message(0)).toSpilled(0, 0), Queued.of(message(1)).toSpilled(0, 0)));
        add(2, 4); // before it was looked at
        assertThat(queue.tryPoll()).isNull();
        start();
        add(4, 6);

        assertThat(take(6)).containsExactlyElementsOf(numbers(0, 6));
        assertThat(log.await("info").text())
                .matches("2 events from before are in /fake: they are handled first"
                        + " \\[folder=/fake spilled_events=2 spilled_bytes=[1-9]\\d*]");
    }

    @Test
    void whatWasTakenFromDiskIsDoneWhenTheNextIsAskedFor() throws Exception {
        start();
        add(0, 40);
        awaitSpilled(20);
        List<Message> head = new ArrayList<>();
        while (disk.left().size() == disk.bytes() / TEXT && head.size() < 39) {
            head.add(taker.take());
        }
        int left = disk.left().size();
        taker.take();
        assertThat(disk.left()).hasSizeLessThanOrEqualTo(left);
        take(39 - head.size());
        assertThat(queue.tryPoll()).isNull();
        assertThat(disk.left()).isEmpty();
    }

    /** A taker who is faster than the disk finds the head empty each time. */
    @Test
    void readingAndWritingTakeTurns() throws Exception {
        queue.moved(List.of(), 100);
        for (int n = 0; n < 8; n++) {
            Arrival.add(queue, message(n));
        }
        for (int turn = 0; turn < 3; turn++) {
            assertThat(queue.awaitMove(true, Duration.ZERO)).isInstanceOf(Overflow.Move.Read.class);
            queue.moved(List.of(), 100);
            var write = (Overflow.Move.Write) queue.awaitMove(true, Duration.ZERO);
            queue.written(write.events(), 100);
        }
        assertThat(queue.awaitMove(false, Duration.ZERO))
                .as("with no room on the disk")
                .isInstanceOf(Overflow.Move.Read.class);
        queue.moved(List.of(), 0);
    }

    static List<Throwable> failures() {
        return List.of(
                new IOException("No space left on device"),
                new IllegalStateException("The store is closed"),
                new OutOfMemoryError("by hand"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aDiskThatFailsCostsNoEventAndIsUsedAgainWhenItCanBe(Throwable failure) throws Exception {
        disk.writeFailure = failure;
        start();
        int n = 0;
        while (queue.hasRoom()) {
            Arrival.add(queue, message(n++));
        }
        assertThat(n).as("memory alone").isEqualTo(16);
        assertThat(disk.tried.tryAcquire(3, 20, SECONDS)).as("tried again").isTrue();
        assertThat(log.await("warn").text())
                .startsWith("Events that memory has no place for cannot be written to /fake: they stay in memory")
                .endsWith(" [folder=/fake spilled_events=0 spilled_bytes=0]");

        disk.writeFailure = null;
        assertThat(room.tryAcquire(20, SECONDS)).as("there is room again").isTrue();
        add(n, 60);
        assertThat(take(60)).containsExactlyElementsOf(numbers(0, 60));
        assertThat(log.texts("warn")).as("said once").isEmpty();
        assertThat(log.texts("info"))
                .anyMatch(line -> line.startsWith("Events are written to /fake again [folder=/fake "));
    }

    @Test
    void aDiskThatFailsHoldsNobodyUpWhoTakes() throws Exception {
        disk.writeFailure = new IOException("No space left on device");
        start();
        add(0, 16);
        disk.tried.acquire();

        assertThat(take(16)).containsExactlyElementsOf(numbers(0, 16));
    }

    @Test
    void aDiskThatCannotBeUsedAtAllLeavesMemory() throws Exception {
        disk.openFailure = new IOException("is used by another process");
        start();
        int n = 0;
        while (queue.hasRoom()) {
            Arrival.add(queue, message(n++));
        }
        assertThat(n).isEqualTo(16);
        assertThat(take(16)).containsExactlyElementsOf(numbers(0, 16));
        assertThat(log.await("warn").text())
                .startsWith("Folder '/fake' cannot be used")
                .contains("set spillFolder");
        assertThat(disk.tried.availablePermits()).isZero();
    }

    @Test
    void aDiskThatCannotBeReadHoldsNobodyUp() throws Exception {
        start();
        add(0, 60);
        awaitSpilled(40);
        disk.readFailure = new IllegalStateException("broken");
        long behind = queue.size() - queue.spilled();
        take((int) behind);

        assertThat(log.await("error").text())
                .startsWith("Events in /fake cannot be read: they stay there")
                .endsWith(" [folder=/fake]");
        add(60, 63);
        assertThat(take(3)).containsExactlyElementsOf(numbers(60, 63));
    }

    @Test
    void theLimitOnDiskIsKeptAndThenThereIsNoRoom() throws Exception {
        queue = queue(10 * TEXT, Duration.ofMillis(1));
        start();
        int n = 0;
        // In this order: what is counted on disk has left its room in memory before.
        while (queue.spilled() < 10 || queue.hasRoom()) {
            if (queue.hasRoom()) {
                Arrival.add(queue, message(n++));
            }
        }
        assertThat(queue.spilled()).isEqualTo(10);
        assertThat(n).as("in memory and on disk").isEqualTo(26);

        assertThat(take(n)).containsExactlyElementsOf(numbers(0, n));
        assertThat(queue.hasRoom()).isTrue();
    }

    @Test
    void whileMemoryHasRoomTheSpillerIsNotWoken() throws Exception {
        start();
        for (int n = 0; n < 1_000; n++) {
            add(n, n + 1);
            assertThat(take(1)).containsExactly((long) n);
            assertThat(queue.tryPoll()).isNull();
            assertThat(queue.isSpillerResting()).isTrue();
        }
    }

    @Test
    void withoutADiskNothingIsWrittenAndWhatIsThereIsRead() throws Exception {
        disk.append(List.of(Queued.of(message(0)).toSpilled(0, 0)));
        disk.tried.drainPermits();
        queue = queue(0, Duration.ofMillis(1));
        start();
        add(1, 16);

        assertThat(take(16)).containsExactlyElementsOf(numbers(0, 16));
        assertThat(disk.tried.availablePermits()).isZero();
    }

    @Test
    void anOwnMessageGoesIntoTheAllowanceWhileAllIsFull() throws Exception {
        queue = queue(0, Duration.ofMillis(1));
        start();
        add(0, 16);
        assertThat(queue.hasRoom()).isFalse();
        var places = queue.places();
        assertThat(places.reserve(TEXT)).isTrue();
        assertThat(places.reserve(TEXT)).isTrue();
        assertThat(places.reserve(TEXT)).isFalse();
        Arrival.add(queue, places, message(16));
        Arrival.add(queue, places, message(17));

        assertThat(take(18)).containsExactlyElementsOf(numbers(0, 18));
    }

    @Test
    void aStopWritesWhatIsLeftBeforeAndBehindWhatIsOnDisk() throws Exception {
        start();
        add(0, 60);
        awaitSpilled(40);
        assertThat(take(3)).containsExactly(0L, 1L, 2L);
        queue.close();

        assertThat(queue.tryPoll()).isNull();
        assertThat(queue.end()).as("not kept").isZero();
        assertThat(disk.left()).extracting(event -> number(event.message())).containsExactlyElementsOf(numbers(3, 60));
        assertThat(disk.closed).isTrue();
    }

    @Test
    void aStopWhoseDiskIsFullSaysHowManyAreLost() throws Exception {
        start();
        add(0, 5);
        assertThat(take(1)).containsExactly(0L);
        disk.writeFailure = new IOException("No space left on device");
        queue.close();

        assertThat(queue.end()).isEqualTo(4);
    }

    @Test
    void whatIsOnDiskHasAnAge() throws Exception {
        start();
        add(0, 60);
        awaitSpilled(40);
        now = now.plusSeconds(5);

        assertThat(queue.oldestSpilled()).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(65));
        assertThat(queue.spilledBytes()).isGreaterThanOrEqualTo(40L * TEXT);
    }

    @Test
    void aDrainEndsWhenTheDiskIsEmptyToo() throws Exception {
        start();
        add(0, 60);
        awaitSpilled(40);
        assertThat(queue.drain(Duration.ZERO)).isFalse();
        var begun = new CountDownLatch(1);
        var taker = new Thread(() -> {
            try {
                begun.countDown();
                take(60);
                queue.tryPoll();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        taker.start();
        begun.await();

        assertThat(queue.drain(LONG)).isTrue();
        assertThat(queue.size()).isZero();
        queue.close();
        taker.join();
    }

    private MessageQueue queue(long spillBytes, Duration retry) {
        return new MessageQueue(CAPACITY, 2_000, new Spiller(disk, spillBytes, retry, () -> now, log.logger()));
    }

    private void start() {
        taker = new Taker(queue);
        queue.start(room::release, (from, to) -> {});
        awaitRest(); // it has looked what is there: until then all goes to the tail
    }

    private void awaitRest() {
        while (!queue.isSpillerResting()) {
            Thread.onSpinWait();
        }
    }

    /** Adds with the bus's manners: when there is no room, it waits until there is. */
    private void add(int from, int to) throws InterruptedException {
        for (int n = from; n < to; n++) {
            while (!queue.hasRoom()) {
                room.acquire();
            }
            Arrival.add(queue, message(n));
        }
    }

    /** Until so many are on disk. */
    private void awaitSpilled(long count) {
        while (queue.spilled() < count) {
            Thread.onSpinWait();
        }
        awaitRest(); // more may be in hand
    }

    private List<Long> take(int count) throws InterruptedException {
        List<Long> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            taken.add(number(taker.take()));
            queue.isRoomAgain();
        }
        return taken;
    }

    private static List<Long> numbers(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    private static long number(Message message) {
        return message.longNumber("n").orElseThrow();
    }

    private static Message message(int n) {
        String start = "{\"tract\":\"a\",\"event\":\"b\",\"n\":" + n + ",\"pad\":\"";
        return Message.parse(start + "x".repeat(TEXT - start.length() - 2) + "\"}");
    }
}
