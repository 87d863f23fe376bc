// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Time that stands still until a test advances it. */
final class ManualTicker implements Ticker {
    private record Waiter(ReentrantLock lock, Condition condition) {}

    private final AtomicLong now = new AtomicLong(1);
    private final List<Waiter> waiters = new CopyOnWriteArrayList<>();

    @Override
    public long nanos() {
        return now.get();
    }

    @Override
    public void await(ReentrantLock lock, Condition condition, long deadlineNanos) throws InterruptedException {
        Waiter waiter = new Waiter(lock, condition);
        waiters.add(waiter); // before the time is looked at: an advance either is seen there or finds the waiter
        try {
            if (deadlineNanos - now.get() > 0) {
                condition.await();
            }
        } finally {
            waiters.remove(waiter);
        }
    }

    /** Lets time pass; whoever waits looks again. */
    void advance(Duration duration) {
        now.addAndGet(duration.toNanos());
        for (Waiter waiter : waiters) {
            waiter.lock().lock();
            try {
                waiter.condition().signalAll();
            } finally {
                waiter.lock().unlock();
            }
        }
    }
}
