// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantReadWriteLock;

import org.callosum.transport.Receiver;

/**
 * Holds the receiver that is attached to a transport, and keeps the promise that a receiver that was detached is not
 * called any more.
 *
 * <p>It knows for how long it has been empty: the runtime's core may be updated, and a server lets its senders wait for that.
 *
 * <p><b>Threads.</b> Any thread. Who calls the receiver does so between {@link #enter()} and {@link #exit()}; any number
 * may at once. {@link #detach} waits for them, but for a call that the detaching thread itself is in.
 */
final class ReceiverSlot {
    /** Read: the receiver is being called. Write: it changes. */
    private final ReentrantReadWriteLock calls = new ReentrantReadWriteLock();

    private volatile Receiver receiver;

    /** Whether there ever was one. Written after {@link #leftNanos}. */
    private volatile boolean wasHad;

    /** When the last one left. */
    private volatile long leftNanos;

    /** Sets the receiver. */
    void attach(Receiver attached) {
        Objects.requireNonNull(attached, "receiver");
        calls.writeLock().lock();
        try {
            if (receiver != null) {
                throw new IllegalStateException("Another receiver is attached: detach it first");
            }
            receiver = attached;
        } finally {
            calls.writeLock().unlock();
        }
    }

    /** Removes the receiver, if it is this one. */
    void detach(Receiver detached) {
        if (calls.getReadHoldCount() > 0) {
            // The receiver detaches itself while it is called: waiting for that call would never end.
            remove(detached);
            return;
        }
        calls.writeLock().lock();
        try {
            remove(detached);
        } finally {
            calls.writeLock().unlock();
        }
    }

    private void remove(Receiver detached) {
        if (receiver == detached) {
            leftNanos = System.nanoTime();
            wasHad = true;
            receiver = null;
        }
    }

    /**
     * For how long one that left is still to be waited for.
     *
     * @param patience for how long in all
     * @return nanoseconds; zero if the time is over, one is there, or there never was any
     */
    long nanosAwaited(Duration patience, long nowNanos) {
        return receiver == null && wasHad ? Math.max(0, patience.toNanos() - (nowNanos - leftNanos)) : 0;
    }

    /** Begins calls to the receiver; {@link #exit()} ends them. */
    void enter() {
        calls.readLock().lock();
    }

    /** The receiver to call now, {@code null} if none is attached; only between {@link #enter()} and {@link #exit()}. */
    Receiver receiver() {
        return receiver;
    }

    /** Ends the calls to the receiver. */
    void exit() {
        calls.readLock().unlock();
    }
}
