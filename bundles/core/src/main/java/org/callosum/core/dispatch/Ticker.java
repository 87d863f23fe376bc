// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Monotonic time, and waiting by it; a test brings its own, so that a time limit takes it no time. */
public interface Ticker {
    /** The time of the machine. */
    Ticker SYSTEM = new Ticker() {
        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public void await(ReentrantLock lock, Condition condition, long deadlineNanos) throws InterruptedException {
            condition.awaitNanos(deadlineNanos - System.nanoTime());
        }
    };

    /** The time, in nanoseconds since an arbitrary moment. Differences count, values do not. */
    long nanos();

    /**
     * Waits for a signal, at most until a time. May return early: the caller looks again, as with any condition.
     *
     * @param lock held by the caller, who gets it back
     * @param condition a condition of that lock
     * @param deadlineNanos the time, by {@link #nanos()}
     */
    void await(ReentrantLock lock, Condition condition, long deadlineNanos) throws InterruptedException;
}
