// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.Message;
import org.callosum.core.HandlerStatus;
import org.callosum.core.Subscription;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Random handlers, fast, slow, hung, throwing and leaving, for a while: {@code -Dcallosum.soak.seconds=600} for ten minutes, and
 * {@code -Dcallosum.soak.seed} for the same choices. All along each event is alone, each handler sees its events in order, and
 * none is lost or counted twice.
 *
 * <p>On a busy machine any run may overrun, one that has just begun too. It is judged no more then, and it knows: it was
 * interrupted before anybody else went on.
 */
class SoakTest {
    private static final Duration LIMIT = Duration.ofMillis(100);

    private final Handlers handlers = new Handlers();
    private final SerialDispatcher dispatcher = TestDispatcher.of(handlers)
            .with(new Settings(
                    4,
                    LIMIT,
                    Settings.MAX_TIMEOUT,
                    0,
                    true,
                    new QuarantineRule(3, Duration.ofMillis(200), Duration.ofSeconds(2), 3, 64)))
            .with(new ParkingLimits(Duration.ofSeconds(30), 1_000_000, 1L << 30))
            .with(Ticker.SYSTEM)
            .make();

    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final Source source = new Source();

    private final AtomicInteger inside = new AtomicInteger();

    @Test
    void whateverHandlersDoTheInvariantsHold() throws Exception {
        long seed = Long.getLong("callosum.soak.seed", System.nanoTime());
        Random random = new Random(seed);
        List<Seen> all = new ArrayList<>();
        dispatcher.start();
        Seen steady = add("steady", random, 0, new AtomicLong(-1));
        steady.handler.reregister(new Registration(
                List.of(new Subscription("a", "b")), Optional.empty(), Optional.of(Settings.MAX_TIMEOUT), 0, ""));
        for (int i = 0; i < 12; i++) {
            all.add(add("random" + i, random, 1, new AtomicLong(-1)));
        }
        dispatcher.follow(source);
        long end = System.nanoTime()
                + Duration.ofSeconds(Long.getLong("callosum.soak.seconds", 5)).toNanos();
        long sent = 0;
        while (System.nanoTime() < end && faults.isEmpty()) {
            source.awaitRoom(200);
            for (int i = 0; i < 200; i++) {
                source.add(sent++);
            }
            dispatcher.wake();
            if (random.nextInt(4) == 0) {
                int which = random.nextInt(all.size());
                all.set(which, replace(all.get(which), random));
            }
        }
        source.awaitRoom(Source.CAPACITY);
        dispatcher.unfollow(source);
        dispatcher.stop(); // what is parked may be handed over until then
        await("what was written off ends", () -> dispatcher.slow().isEmpty());

        assertThat(faults).as("with the seed %d", seed).isEmpty();
        assertThat(steady.entered).hasValue(sent);
        HandlerStatus status = dispatcher.handlers().stream()
                .filter(each -> each.name().equals("steady"))
                .findAny()
                .orElseThrow();
        assertThat(List.of(status.invoked(), status.failed(), status.timedOut()))
                .containsExactly(sent, 0L, 0L);
        for (HandlerStatus each : dispatcher.handlers()) {
            Seen seen = all.stream()
                    .filter(one -> one.name.equals(each.name()))
                    .findAny()
                    .orElse(steady);
            assertThat(each.invoked()).as(each.name()).isEqualTo(seen.entered.get());
            assertThat(each.failed()).as(each.name()).isEqualTo(seen.threw.get());
        }
        System.out.printf(
                "soak: %d events, %d time-outs of those that are there at the end, seed %d%n",
                sent,
                dispatcher.handlers().stream()
                        .mapToLong(HandlerStatus::timedOut)
                        .sum(),
                seed);
    }

    private Seen add(String name, Random random, int wildness, AtomicLong last) {
        Seen seen = new Seen(name, random.nextLong(), wildness, last);
        seen.handler = handlers.add(name, name, 0, "a", "b", () -> seen);
        dispatcher.arrived(seen.handler);
        return seen;
    }

    /** A new version of an app that is updated. */
    private Seen replace(Seen old, Random random) {
        dispatcher.leaving(old.handler, SerialDispatcher.Departure.WITH_BUNDLE);
        handlers.remove(old.handler);
        dispatcher.close(List.of(old.handler));
        old.closed = true;
        return add(old.name, random, 1, old.last);
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    private static final class Source extends QueueSource {
        static final int CAPACITY = 2_000;

        private final Semaphore room = new Semaphore(CAPACITY);

        @Override
        public Message poll() {
            Message next = super.poll();
            if (next != null) {
                room.release();
            }
            return next;
        }

        /** Waits until so many more have room, however slow the machine is, as long as any is taken. */
        void awaitRoom(int events) throws InterruptedException {
            int before = room.availablePermits();
            while (!room.tryAcquire(events, 60, TimeUnit.SECONDS)) {
                assertThat(room.availablePermits())
                        .as("events taken, within a minute")
                        .isGreaterThan(before);
                before = room.availablePermits();
            }
        }
    }

    private final class Seen implements CallosumEventHandler {
        final String name;
        /** The last event that it, or its predecessor, got. */
        final AtomicLong last;

        final AtomicLong entered = new AtomicLong();
        final AtomicLong threw = new AtomicLong();
        private final Random random;
        private final int wildness;
        private final CountDownLatch gate = new CountDownLatch(1);
        private Handler handler;
        private volatile boolean closed;

        Seen(String name, long seed, int wildness, AtomicLong last) {
            this.name = name;
            this.last = last;
            this.random = new Random(seed);
            this.wildness = wildness;
        }

        @Override
        public void handle(EventContext context) throws Exception {
            long n = context.msg().longNumber("n").orElseThrow();
            entered.incrementAndGet();
            boolean wasClosed = closed;
            long before = last.getAndAccumulate(n, Math::max);
            boolean isJudged = !Thread.currentThread().isInterrupted(); // behind the look at what others did
            if (wasClosed && isJudged) {
                faults.add(name + " was called after it was closed, for " + n);
            }
            if (isJudged
                    && (before > n || before == n && wildness == 0)) { // a vain trial is repeated with the same event
                faults.add(name + " got " + n + " behind " + before);
            }
            if (wildness == 0) {
                // Nobody that is waited for is at another event: the parked ones of others come between, so only this
                // one looks.
                if (inside.incrementAndGet() != 1) {
                    faults.add("two events at once, at " + n);
                }
                inside.decrementAndGet();
                return;
            }
            int what;
            synchronized (random) {
                what = random.nextInt(10_000);
            }
            if (what < 12) {
                beSlow(what < 2);
            } else if (what < 60) {
                threw.incrementAndGet();
                throw new IllegalStateException("on purpose");
            }
        }

        /** For a moment, or until it is interrupted, which is a failure more. On a busy machine a moment may be long enough for that. */
        private void beSlow(boolean hangs) throws InterruptedException {
            try {
                if (hangs) {
                    gate.await();
                } else {
                    Thread.sleep(2); // slow, which is what this does, and nothing waits for it
                }
            } catch (InterruptedException e) {
                threw.incrementAndGet();
                throw e;
            }
        }
    }
}
