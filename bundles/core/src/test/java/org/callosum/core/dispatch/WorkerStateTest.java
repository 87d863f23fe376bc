// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The lock-free half of {@link Worker}: it begins and ends runs, another thread takes some of them.
 *
 * <p>Allowed: a run is ended by its worker, or taken; a number that was seen takes that run or nothing.
 *
 * <p>Forbidden: both, or neither; a later run is taken by the number of an earlier one; what is taken has the handler of one run
 * and the time of another; a run that was taken can be taken again, or ends as if it had not been.
 *
 * <p>Written by hand: jcstress is a build of its own, and Lincheck cannot instrument records.
 */
@Timeout(60)
class WorkerStateTest {
    private static final int RUNS = 3;

    private final Handlers handlers = new Handlers();
    private final Handler[] each = new Handler[4];

    WorkerStateTest() {
        for (int i = 0; i < each.length; i++) {
            each[i] = handlers.add("a", "b", context -> {});
        }
    }

    /** One order of the steps of both threads, and the plain model beside it. */
    private final class Schedule {
        private final Worker worker = new Worker(1, new ReentrantLock().newCondition(), () -> {});
        private int begun;
        private boolean isRunning;
        private boolean isTaken;
        private long seen;
        private int seenRun;

        /** Begins, or ends, and says what the model says. */
        void work() {
            if (!isRunning) {
                worker.begin(each[begun % each.length], null, null, begun);
                begun++;
                isRunning = true;
                isTaken = false;
                assertThat(worker.state() & 1).as("a handler runs").isEqualTo(1);
                return;
            }
            assertThat(worker.end()).as("nobody has taken run %d", begun).isEqualTo(!isTaken);
            if (isTaken) {
                assertThat(worker.invocation.sinceNanos).isEqualTo(begun - 1);
                worker.endInvocation();
            }
            isRunning = false;
            assertThat(worker.state() & 1).as("nothing runs").isZero();
        }

        void look() {
            seen = worker.state();
            seenRun = isRunning && !isTaken ? begun : 0;
        }

        void take() {
            Invocation taken = worker.take(seen);
            boolean isThere = isRunning && !isTaken && seenRun == begun;
            assertThat(taken != null)
                    .as("run %d is there for who saw %d", begun, seenRun)
                    .isEqualTo(isThere);
            if (isThere) {
                isTaken = true;
                assertThat(taken.sinceNanos).isEqualTo(begun - 1);
                assertThat(taken.handler).isSameAs(each[(begun - 1) % each.length]);
                assertThat(taken.worker).isSameAs(worker);
            }
        }
    }

    /** The worker's six steps among the other thread's six, in each of the 924 orders. */
    @Test
    void whicheverStepComesFirstARunIsEndedOrTakenAndNeverBoth() {
        List<Boolean> order = new ArrayList<>();
        assertThat(runAll(order, 2 * RUNS, 2 * RUNS)).isEqualTo(924);
    }

    private int runAll(List<Boolean> order, int worksLeft, int othersLeft) {
        if (worksLeft == 0 && othersLeft == 0) {
            Schedule schedule = new Schedule();
            int others = 0;
            for (boolean isWork : order) {
                if (isWork) {
                    schedule.work();
                } else if (others++ % 2 == 0) {
                    schedule.look();
                } else {
                    schedule.take();
                }
            }
            return 1;
        }
        int schedules = 0;
        for (boolean isWork : new boolean[] {true, false}) {
            if ((isWork ? worksLeft : othersLeft) > 0) {
                order.add(isWork);
                schedules += runAll(order, worksLeft - (isWork ? 1 : 0), othersLeft - (isWork ? 0 : 1));
                order.remove(order.size() - 1);
            }
        }
        return schedules;
    }

    /** Two threads as fast as they can; the lock is what {@link Workers} has. */
    @Test
    void withTwoThreadsEachRunIsEndedOrTakenOnceAndWhatIsTakenIsOfOneRun() throws Exception {
        int runs = 20_000;
        var lock = new ReentrantLock(true); // fair: else who takes has it all the time
        var worker = new Worker(1, lock.newCondition(), () -> {});
        var counts = new long[3];
        var taking = CompletableFuture.supplyAsync(() -> {
            long taken = 0;
            long before = 0;
            while (true) {
                lock.lock();
                try {
                    long number = worker.state();
                    Handler seen = worker.handlerUnsafe();
                    Invocation run = worker.take(number);
                    if (run != null) {
                        taken++;
                        assertThat(number)
                                .as("its number, of %d before", before)
                                .isGreaterThan(before);
                        before = number;
                        // Numbers go by two, and are odd while it runs: the first run is 3.
                        assertThat(run.sinceNanos).as("of run %d", number).isEqualTo(number >> 1);
                        assertThat(run.handler).isSameAs(each[(int) (run.sinceNanos % each.length)]);
                        assertThat(seen).as("what was seen before it was taken").isSameAs(run.handler);
                    }
                    if (counts[2] == 1) {
                        return taken;
                    }
                } finally {
                    lock.unlock();
                }
                Thread.yield();
            }
        });
        int run = 1;
        for (; (run <= runs || counts[1] == 0) && !taking.isDone(); run++) { // the other thread may start late
            worker.begin(each[run % each.length], null, null, run);
            if (run % 16 == 0) {
                Thread.yield(); // let the other thread have its chance on one core, too
            }
            if (worker.end()) {
                counts[0]++;
            } else {
                lock.lock();
                try {
                    counts[1]++;
                    assertThat(worker.invocation.sinceNanos).isEqualTo(run);
                    worker.endInvocation();
                } finally {
                    lock.unlock();
                }
            }
        }
        lock.lock();
        try {
            counts[2] = 1;
        } finally {
            lock.unlock();
        }

        assertThat(taking.get(30, TimeUnit.SECONDS)).isEqualTo(counts[1]).isPositive();
        assertThat(counts[0] + counts[1]).isEqualTo(run - 1);
    }
}
