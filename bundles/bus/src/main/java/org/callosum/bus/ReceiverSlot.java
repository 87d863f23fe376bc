// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.Objects;
import java.util.concurrent.locks.ReentrantReadWriteLock;

import org.callosum.transport.Receiver;

/**
 * Holds the receiver that is attached to a transport, and keeps the promise that a receiver that was detached is not
 * called any more.
 *
 * <p><b>Threads.</b> Any thread. Who calls the receiver does so between {@link #enter()} and {@link #exit()}; any number
 * may at once. {@link #detach} waits for them, but for a call that the detaching thread itself is in.
 */
final class ReceiverSlot {
    /** Read: the receiver is being called. Write: it changes. */
    private final ReentrantReadWriteLock calls = new ReentrantReadWriteLock();

    private volatile Receiver receiver;

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
            if (receiver == detached) {
                receiver = null;
            }
            return;
        }
        calls.writeLock().lock();
        try {
            if (receiver == detached) {
                receiver = null;
            }
        } finally {
            calls.writeLock().unlock();
        }
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
