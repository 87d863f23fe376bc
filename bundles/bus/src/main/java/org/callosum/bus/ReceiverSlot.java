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
 * <p>It knows for how long it has been empty: at a start the runtime's core comes a moment after the bus, later it may be
 * updated, and a server lets its senders wait for that.
 *
 * <p><b>Threads.</b> Any thread. Who calls the receiver does so between {@link #enter()} and {@link #exit()}; any number
 * may at once. {@link #detach} waits for them, but for a call that the detaching thread itself is in.
 */
final class ReceiverSlot {
    /** Read: the receiver is being called. Write: it changes. */
    private final ReentrantReadWriteLock calls = new ReentrantReadWriteLock();

    /** How long to wait for the first one, from now on; zero is not at all. */
    private final Duration firstPatience;

    private volatile Receiver receiver;

    /** Whether there ever was one. Written after {@link #emptyNanos}. */
    private volatile boolean wasHad;

    /** Since when there has been none: when the last one left, or when this began. */
    private volatile long emptyNanos = System.nanoTime();

    /** Makes one that is empty. */
    ReceiverSlot(Duration firstPatience) {
        this.firstPatience = firstPatience;
    }

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
            emptyNanos = System.nanoTime();
            wasHad = true;
            receiver = null;
        }
    }

    /**
     * For how long one that left, or the first one, is still to be waited for.
     *
     * @param patience for how long in all; the first one is not waited for longer either
     * @return nanoseconds; zero if the time is over, or one is there
     */
    long nanosAwaited(Duration patience, long nowNanos) {
        if (receiver != null) {
            return 0;
        }
        long most = wasHad ? patience.toNanos() : Math.min(firstPatience.toNanos(), patience.toNanos());
        return Math.max(0, most - (nowNanos - emptyNanos));
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
