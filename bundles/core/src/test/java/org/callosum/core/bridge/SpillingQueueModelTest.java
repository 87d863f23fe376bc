// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.bridge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterTry;
import org.callosum.api.Message;
import org.callosum.core.spill.SpillFolder;
import org.callosum.core.spill.Spilled;
import org.callosum.journal.RecordingLogger;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The queue over a real disk against a plain list: whatever is added, taken, resized, stopped or killed, what comes out is the
 * list. The spiller's thread runs as it likes meanwhile.
 */
class SpillingQueueModelTest {
    private enum Action {
        ADD,
        TAKE,
        WAIT_FOR_DISK,
        NO_DISK,
        DISK,
        STOP,
        KILL
    }

    private static final long NONE = -1;

    private record Step(Action action, int amount) {}

    private final RecordingLogger log = new RecordingLogger();

    /** What was added and not taken. */
    private final Deque<Long> model = new ArrayDeque<>();

    private Path folder;
    private SpillFolder spill;
    private MessageQueue queue;
    private Taker taker;
    private long added;

    /** What was taken last, if that is not known to be done. */
    private long underWay = NONE;

    /** What was under way at the last kill, and is on disk. */
    private long marked = NONE;

    @Property(tries = 150)
    void whatComesOutIsWhatWentIn(@ForAll("steps") List<Step> steps) throws Exception {
        folder = Files.createTempDirectory("spill");
        begin();
        for (Step step : steps) {
            switch (step.action()) {
                case ADD -> add(step.amount());
                case TAKE -> take(step.amount());
                case WAIT_FOR_DISK -> awaitDisk();
                case NO_DISK -> queue.resizeSpill(0);
                case DISK -> queue.resizeSpill(1 << 30);
                case STOP -> stop();
                default -> kill();
            }
            assertThat(queue.size()).isEqualTo(model.size());
        }
        take(Integer.MAX_VALUE);
        assertThat(queue.tryPoll()).isNull();
        queue.close();
        assertThat(queue.end()).isZero();
        assertThat(folder.resolve("spill")).as("nothing is left").doesNotExist();
        assertThat(log.texts("warn")).isEmpty();
        assertThat(log.texts("error")).isEmpty();
    }

    @AfterTry
    void end() throws IOException {
        queue.close();
        queue.end();
        try (var files = Files.walk(folder)) {
            files.sorted((a, b) -> b.compareTo(a)).forEach(file -> file.toFile().delete());
        }
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Action> actions = Arbitraries.frequencyOf(
                Tuple.of(8, Arbitraries.just(Action.ADD)),
                Tuple.of(8, Arbitraries.just(Action.TAKE)),
                Tuple.of(3, Arbitraries.just(Action.WAIT_FOR_DISK)),
                Tuple.of(1, Arbitraries.just(Action.NO_DISK)),
                Tuple.of(2, Arbitraries.just(Action.DISK)),
                Tuple.of(2, Arbitraries.just(Action.STOP)),
                Tuple.of(2, Arbitraries.just(Action.KILL)));
        return Combinators.combine(actions, Arbitraries.integers().between(1, 60))
                .as(Step::new)
                .list()
                .ofMaxSize(30);
    }

    private void begin() {
        spill = new SpillFolder(folder.resolve("spill"), 20_000, log.logger());
        queue = new MessageQueue(
                8_000, 0, new Spiller(spill, 1 << 30, Duration.ofMillis(1), InstantSource.system(), log.logger()));
        taker = new Taker(queue);
        queue.start(() -> {}, (from, to) -> log.logger().error("lost"));
        awaitDisk();
    }

    /** As much of it as there is room for. */
    private void add(int count) {
        for (int i = 0; i < count && queue.hasRoom(); i++) {
            Arrival.add(queue, message(added));
            model.add(added++);
        }
    }

    private void take(int count) throws InterruptedException {
        for (int i = 0; i < count && !model.isEmpty(); i++) {
            Message taken = taker.take();
            assertThat(number(taken)).isEqualTo(model.remove());
            assertThat(taken.isRedelivered()).as("redelivered").isEqualTo(number(taken) == marked);
            underWay = number(taken);
        }
        if (model.isEmpty()) {
            assertThat(queue.tryPoll()).isNull();
            underWay = NONE;
        }
    }

    /** Until the spiller rests: it looks, and there is nothing to be done. */
    private void awaitDisk() {
        while (!queue.isSpillerResting()) {
            Thread.onSpinWait();
        }
    }

    /** Nothing is lost, if the disk may be used. */
    private void stop() throws Exception {
        queue.resizeSpill(1 << 30);
        awaitDisk();
        queue.close();
        assertThat(queue.tryPoll()).isNull();
        assertThat(queue.end()).isZero();
        underWay = NONE;
        begin();
    }

    /**
     * What is on disk and not done is what comes first then, in its order; what was under way, if it came from there, comes once
     * more, marked. What was in memory alone is gone, which may be something in between.
     */
    private void kill() throws Exception {
        awaitDisk();
        long onDisk = queue.spilled();
        queue.close();
        queue.awaitSpiller();
        spill.close();
        List<Long> left = left();
        assertThat(left).hasSizeGreaterThanOrEqualTo((int) onDisk);
        if (left.contains(underWay)) {
            marked = underWay;
            model.addFirst(marked);
        } else if (!left.contains(marked)) {
            marked = NONE; // else it was not taken since the kill before, and stays marked
        }
        if (!left.isEmpty()) {
            assertThat(List.copyOf(model)).containsSubsequence(left);
        }
        model.clear();
        model.addAll(left);
        begin();
        underWay = NONE;
    }

    /** What is on disk, looked at without the queue. */
    private List<Long> left() throws IOException {
        List<Long> left = new ArrayList<>();
        try (var looked = new SpillFolder(folder.resolve("spill"), 20_000, log.logger())) {
            looked.open((from, to) -> log.logger().error("lost"));
            for (List<Spilled> read = looked.read(1_000); !read.isEmpty(); read = looked.read(1_000)) {
                read.forEach(event -> left.add(number(event.message())));
            }
        }
        return left;
    }

    private static long number(Message message) {
        return message.longNumber("n").orElseThrow();
    }

    private static Message message(long n) {
        return Message.parse(
                "{\"tract\":\"a\",\"event\":\"b\",\"n\":" + n + ",\"pad\":\"" + "x".repeat((int) (n % 7) * 90) + "\"}");
    }
}
