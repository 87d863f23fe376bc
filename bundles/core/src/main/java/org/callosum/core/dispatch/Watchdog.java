// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The thread that looks after the workers while they run something, every millisecond, and sleeps a while after they have
 * stopped; so that starting a handler costs no signal, and an event now and then costs one.
 *
 * <p>It wakes by the machine's time. What it decides goes by how often it saw something, or by the {@link Ticker}.
 *
 * <p><b>Threads.</b> It shares the workers' lock: but for {@link #join}, each method is called with it held.
 */
final class Watchdog {
    /** How often it looks. */
    static final long NANOS = 1_000_000;

    /** How often it looks in vain before it sleeps. */
    private static final int QUIET_LOOKS = 50;

    /** What it looks after. Called with the lock held. */
    interface Duty {
        /**
         * Looks, and does what has to be done.
         *
         * @param afterwards takes what the watchdog has to do at once, but without the lock; it may not wait for anybody
         */
        void look(List<Runnable> afterwards);

        /** Whether anything runs or waits. */
        boolean isActive();
    }

    private final ReentrantLock lock;
    private final Condition wake;
    private final Duty duty;
    private final Reports reports;

    private boolean running;
    private boolean asleep;

    private int quietLooks;

    private Thread thread;

    Watchdog(ReentrantLock lock, Duty duty, Reports reports) {
        this.lock = lock;
        this.wake = lock.newCondition();
        this.duty = duty;
        this.reports = reports;
    }

    void start() {
        running = true;
        thread = Worker.newThread(this::watch, "callosum-watchdog");
        thread.start();
    }

    /** Ends it, soon; gives the thread to {@link #join}. */
    Thread stop() {
        running = false;
        wake.signal();
        return thread;
    }

    /** Is told that something was started, or waits. */
    void notice() {
        quietLooks = 0;
        if (asleep) {
            asleep = false;
            wake.signal();
        }
    }

    /** Looks at once: what it goes by has changed. */
    void lookNow() {
        wake.signal();
    }

    /** Waits for its end, without the lock. */
    static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void watch() {
        List<Runnable> afterwards = new ArrayList<>();
        while (true) {
            lock.lock();
            try {
                if (!running) {
                    return;
                }
                duty.look(afterwards);
                if (afterwards.isEmpty()) {
                    rest();
                }
            } catch (InterruptedException e) {
                // Nobody has a reason to interrupt it, and without it there is no time limit: it goes on.
                reports.add(log -> log.warn("The watchdog was interrupted: it goes on"));
            } finally {
                lock.unlock();
            }
            runAll(afterwards);
            afterwards.clear();
        }
    }

    private void rest() throws InterruptedException {
        quietLooks = duty.isActive() ? 0 : quietLooks + 1;
        if (quietLooks < QUIET_LOOKS) {
            wake.awaitNanos(NANOS);
        } else {
            asleep = true;
            wake.await();
            asleep = false;
        }
    }

    private static void runAll(List<Runnable> afterwards) {
        for (Runnable each : afterwards) {
            try {
                each.run();
            } catch (Throwable failure) {
                continue; // A source that fails, or a report without memory, must not take the time limit with it.
            }
        }
    }
}
