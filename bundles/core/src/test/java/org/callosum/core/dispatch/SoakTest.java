// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.core.HandlerStatus;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Random handlers, fast, slow, hung, throwing and leaving, for a while: {@code -Dcallosum.soak.seconds=600} for ten minutes. All along
 * each event is alone, each handler sees its events in order, and none is lost or counted twice.
 */
class SoakTest {
    private static final Duration LIMIT = Duration.ofMillis(100);

    private final Handlers handlers = new Handlers();
    private final SerialDispatcher dispatcher = TestDispatcher.of(handlers)
            .with(new Settings(
                    4,
                    LIMIT,
                    LIMIT,
                    0,
                    true,
                    new QuarantineRule(3, Duration.ofMillis(200), Duration.ofSeconds(2), 3, 64)))
            .with(new ParkingLimits(Duration.ofSeconds(30), 1_000_000, 1L << 30))
            .with(Ticker.SYSTEM)
            .make();

    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final QueueSource source = new QueueSource();

    /** The event that is being handled, as those see it that were not written off. */
    private final AtomicLong current = new AtomicLong(-1);

    private final AtomicInteger inside = new AtomicInteger();

    @Test
    void whateverHandlersDoTheInvariantsHold() throws Exception {
        Random random = new Random(Long.getLong("callosum.soak.seed", System.nanoTime()));
        List<Seen> all = new ArrayList<>();
        dispatcher.start();
        Seen steady = add("steady", random, 0);
        for (int i = 0; i < 12; i++) {
            all.add(add("random" + i, random, 1));
        }
        dispatcher.follow(source);
        long end = System.nanoTime()
                + Duration.ofSeconds(Long.getLong("callosum.soak.seconds", 5)).toNanos();
        long sent = 0;
        while (System.nanoTime() < end && faults.isEmpty()) {
            for (int i = 0; i < 200; i++) {
                source.add(sent++);
            }
            dispatcher.wake();
            if (random.nextInt(4) == 0) {
                int which = random.nextInt(all.size());
                all.set(which, replace(all.get(which), random));
            }
            while (source.messages.size() > 2_000 && faults.isEmpty()) {
                Thread.onSpinWait();
            }
        }
        awaitEmpty();
        dispatcher.unfollow(source);
        dispatcher.stop(); // what is parked may be handed over until then

        assertThat(faults).isEmpty();
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
                "soak: %d events, %d time-outs, %d written off at the end%n",
                sent,
                dispatcher.handlers().stream()
                        .mapToLong(HandlerStatus::timedOut)
                        .sum(),
                dispatcher.slow().size());
        all.forEach(Seen::letGo);
    }

    private Seen add(String name, Random random, int wildness) {
        Seen seen = new Seen(name, random.nextLong(), wildness);
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
        Seen next = add(old.name, random, 1);
        next.last.set(old.last.get());
        return next;
    }

    private void awaitEmpty() {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!source.messages.isEmpty() && faults.isEmpty()) {
            assertThat(System.nanoTime()).as("all is dispatched in time").isLessThan(end);
            Thread.onSpinWait();
        }
    }

    private final class Seen implements CallosumEventHandler {
        final String name;
        final AtomicLong last = new AtomicLong(-1);
        final AtomicLong entered = new AtomicLong();
        final AtomicLong threw = new AtomicLong();
        private final Random random;
        private final int wildness;
        private final CountDownLatch gate = new CountDownLatch(1);
        private Handler handler;
        private volatile boolean closed;

        Seen(String name, long seed, int wildness) {
            this.name = name;
            this.random = new Random(seed);
            this.wildness = wildness;
        }

        @Override
        public void handle(EventContext context) throws Exception {
            long n = context.msg().longNumber("n").orElseThrow();
            entered.incrementAndGet();
            if (closed) {
                faults.add(name + " was called after it was closed, for " + n);
            }
            long before = last.getAndSet(n);
            if (before > n || before == n && wildness == 0) { // a vain trial is repeated with the same event
                faults.add(name + " got " + n + " behind " + before);
            }
            if (wildness == 0) {
                // Nobody that is waited for is at another event: the parked ones of others come between, so only this
                // one looks.
                if (inside.incrementAndGet() != 1) {
                    faults.add("two events at once, at " + n);
                }
                current.set(n);
                inside.decrementAndGet();
                return;
            }
            int what;
            synchronized (random) {
                what = random.nextInt(10_000);
            }
            if (what < 2) {
                hang();
            } else if (what < 12) {
                Thread.sleep(2); // slow, which is what this does, and nothing waits for it
            } else if (what < 60) {
                threw.incrementAndGet();
                throw new IllegalStateException("on purpose");
            }
        }

        /** Until it is interrupted, which is a failure more. */
        private void hang() throws InterruptedException {
            try {
                gate.await();
            } catch (InterruptedException e) {
                threw.incrementAndGet();
                throw e;
            }
        }

        void letGo() {
            gate.countDown();
        }
    }
}
