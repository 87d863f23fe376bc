// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.core.HandlerStatus;
import org.callosum.core.dispatch.SerialDispatcher.Departure;
import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.callosum.core.dispatch.TestDispatcher.message;

/**
 * Start, stop, register, unregister, time-out and completion race each other: in each round they begin at a barrier together, and
 * when all have ended the numbers have to add up.
 *
 * <p>Count in = handled + failed + timed out + refused: what {@code dispatch} says was invoked is what the handlers saw, whether they
 * ended, threw, or overran, and what overran in front of a handler that had left when its turn came; an event that was refused
 * because all was stopped, or a handler that was closed, counts nothing.
 */
@Timeout(60)
class DispatcherRaceTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final long BUILD_NANOS = Duration.ofSeconds(3).toNanos();

    private final Random random = new Random(Long.getLong("callosum.race.seed", System.nanoTime()));
    private final RecordingLogger log = new RecordingLogger();
    private final ManualTicker ticker = new ManualTicker();
    private final Handlers handlers = new Handlers();
    private final SerialDispatcher dispatcher = TestDispatcher.of(handlers)
            .with(new Settings(
                    3, LIMIT, LIMIT, 0, false, new QuarantineRule(0, LIMIT, Duration.ofHours(1), 1_000, 1_000)))
            .with(ticker)
            .with(log)
            .make();

    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "test race");
        thread.setDaemon(true);
        return thread;
    });

    private final Queue<String> faults = new ConcurrentLinkedQueue<>();
    private final AtomicLong entered = new AtomicLong();
    private final AtomicLong threw = new AtomicLong();
    private final AtomicInteger waitedFor = new AtomicInteger();

    @AfterEach
    void end() throws Exception {
        meet(List.of(quietly(dispatcher::stop))); // which ends, or it is a fault
        threads.shutdownNow();
    }

    @Test
    void registerUnregisterTimeoutAndCompletionAddUp() throws Exception {
        race(false);
    }

    @Test
    void startAndStopAmongThemAddUp() throws Exception {
        race(true);
    }

    @Test
    void whoListensAmongThemAddsUp() throws Exception {
        var source = new ListeningSource(dispatcher::wake);
        dispatcher.follow(source);
        race(true);
        assertThat(source.listened.get()).isPositive();
    }

    private void race(boolean stops) throws Exception {
        dispatcher.start();
        add("steady", new Racer("steady"));
        long end = System.nanoTime() + BUILD_NANOS;
        long invoked = 0;
        int rounds = 0;
        List<Handler> all = new ArrayList<>(handlers.all());
        while (rounds < 20 || System.nanoTime() - end < 0) {
            rounds++;
            Racer edge = new Racer("edge");
            edge.gate = new CountDownLatch(1);
            Handler leaving = add("leaving", edge);
            all.add(leaving);
            Racer coming = new Racer("coming");
            List<Callable<Integer>> actors = new ArrayList<>();
            CountDownLatch dispatches = new CountDownLatch(2);
            for (int i = 0; i < 2; i++) {
                actors.add(() -> {
                    try {
                        return dispatcher.dispatch(message("a", "b"));
                    } finally {
                        dispatches.countDown();
                    }
                });
            }
            // Its time is up at the moment at which it ends.
            actors.add(atTheEdge(leaving, dispatches, () -> ticker.advance(LIMIT)));
            actors.add(atTheEdge(leaving, dispatches, edge.gate::countDown));
            actors.add(quietly(() -> {
                dispatcher.leaving(leaving, Departure.FOR_GOOD);
                handlers.remove(leaving);
                long began = ticker.nanos();
                dispatcher.close(List.of(leaving));
                edge.isClosed = ticker.nanos() - began < LIMIT.toNanos(); // else it may not have waited for the end
            }));
            actors.add(quietly(() -> {
                Handler added = add("coming", coming);
                dispatcher.arrived(added);
                synchronized (all) {
                    all.add(added);
                }
            }));
            if (stops) {
                actors.add(quietly(dispatcher::stop));
                actors.add(quietly(dispatcher::start));
            }
            invoked += meet(actors);
            if (stops) {
                assertThat(dispatcher.dispatch(message("a", "nobody")))
                        .as("it comes back")
                        .isZero();
                dispatcher.start();
            }
            // All that was there at the start of the round and is there now still gets what comes.
            int there = handlers.all().size();
            assertThat(dispatcher.dispatch(message("a", "b")))
                    .as("round %d", rounds)
                    .isEqualTo(there);
            invoked += there;
            awaitQuiet();
            assertThat(faults).as("round %d", rounds).isEmpty();
            assertAddUp(rounds, invoked, all);
            remove("coming");
        }
        assertThat(all.stream()
                        .mapToLong(handler -> handler.status(0, 0, false, "").timedOut())
                        .sum())
                .as("time-outs in %d rounds", rounds)
                .isPositive();
    }

    private void assertAddUp(int round, long invoked, List<Handler> all) {
        List<HandlerStatus> states =
                all.stream().map(handler -> handler.status(0, 0, false, "")).toList();
        long counted = states.stream().mapToLong(HandlerStatus::invoked).sum();
        assertThat(counted)
                .as("counted as invoked after round %d", round)
                .isGreaterThanOrEqualTo(entered.get())
                .isEqualTo(invoked);
        // A worker that stood still in front of a handler, until its time was up and the handler had left, finds nobody
        // to call.
        long foundNobody = counted - entered.get();
        assertThat(states.stream().mapToLong(HandlerStatus::failed).sum())
                .as("counted as failed after round %d", round)
                .isEqualTo(threw.get() + foundNobody);
        assertThat(states.stream().mapToLong(HandlerStatus::timedOut).sum())
                .as("counted as timed out after round %d", round)
                .isGreaterThanOrEqualTo(foundNobody);
        assertThat(log.texts("error")).allMatch(line -> line.contains(" failed: ") && line.contains(" [app="));
    }

    private void remove(String name) {
        for (Handler handler : List.copyOf(handlers.all())) {
            if (handler.name().equals(name)) {
                dispatcher.leaving(handler, Departure.FOR_GOOD);
                handlers.remove(handler);
                dispatcher.close(List.of(handler));
            }
        }
    }

    private Handler add(String name, Racer racer) {
        return handlers.add("app" + name, name, 0, "a", "b", () -> racer);
    }

    /** Has all begin together; the sum of what they give. */
    private int meet(List<Callable<Integer>> actors) throws Exception {
        CyclicBarrier barrier = new CyclicBarrier(actors.size());
        List<Future<Integer>> ends = new ArrayList<>();
        for (Callable<Integer> actor : actors) {
            int spins = random.nextInt(2_000); // so that no one is always first
            ends.add(threads.submit(() -> {
                barrier.await();
                for (int i = 0; i < spins; i++) {
                    Thread.onSpinWait();
                }
                return actor.call();
            }));
        }
        int sum = 0;
        for (Future<Integer> end : ends) {
            sum += end.get(20, TimeUnit.SECONDS);
        }
        return sum;
    }

    /** Does it as soon as a handler's run is known to be slow, or nobody runs it any more. */
    private Callable<Integer> atTheEdge(Handler handler, CountDownLatch dispatches, Runnable action) {
        int spins = random.nextInt(2_000);
        return quietly(() -> {
            while (handler.invocations.isEmpty() && dispatches.getCount() > 0 && !handler.closed) {
                Thread.onSpinWait();
            }
            for (int i = 0; i < spins; i++) {
                Thread.onSpinWait();
            }
            action.run();
        });
    }

    private static Callable<Integer> quietly(Runnable action) {
        return () -> {
            action.run();
            return 0;
        };
    }

    /** Until what overran has ended, too. */
    private void awaitQuiet() {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!dispatcher.slow().isEmpty() || waitedFor.get() > 0) {
            assertThat(System.nanoTime()).as("all ends in time").isLessThan(end);
            Thread.onSpinWait();
        }
    }

    private final class Racer implements CallosumEventHandler {
        private final String name;
        private final AtomicInteger calls = new AtomicInteger();
        private volatile CountDownLatch gate = new CountDownLatch(0);
        private volatile boolean isClosed;

        Racer(String name) {
            this.name = name;
        }

        @Override
        public void handle(EventContext context) throws Exception {
            waitedFor.incrementAndGet();
            try {
                entered.incrementAndGet();
                if (isClosed) {
                    faults.add(name + " is called after it was closed");
                }
                try {
                    gate.await();
                } catch (InterruptedException e) {
                    threw.incrementAndGet();
                    throw e;
                }
                if (calls.incrementAndGet() % 2 == 0) {
                    threw.incrementAndGet();
                    throw new IllegalStateException("on purpose");
                }
            } finally {
                waitedFor.decrementAndGet();
            }
        }
    }
}
