// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Says which thread does the turns of a loop: its own one, or a guest that handles what comes in between, and so saves that one
 * thread wakes the other. Exactly one does at any time, or none for the moment that a guest is away.
 *
 * <p><b>Threads.</b> The loop's own thread calls {@link #lend()} and {@link #end()}, guests call {@link #take()},
 * {@link #pause()} and {@link #giveBack()}, any thread the rest. What one thread did in its turns the next one sees. A guest
 * that is away and back costs no lock.
 */
final class Helm {
    private enum State {
        /** The loop's own thread does the turns. */
        OWN,
        /** The guest does them. */
        LENT,
        /** The guest has something else to do, and nobody does them. */
        AWAY,
        /** There will be none any more. */
        ENDED
    }

    private final Duration patience;

    private final AtomicReference<State> state = new AtomicReference<>(State.OWN);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Who has it; {@code null} if nobody but the own thread. Written with the lock held, while the state is {@link State#OWN}. */
    private volatile Thread guest;

    /** Who waits for it; {@code null} if nobody does. Written with the lock held. */
    private volatile Thread candidate;

    /** The own thread's. A guest waits so long for it, and no longer: what it would do otherwise is not to wait for a slow turn. */
    Helm(Duration patience) {
        this.patience = patience;
    }

    /**
     * Takes it for the calling thread: at once if that is the guest who was away, else when the own thread lends it.
     *
     * @param wakeUp has the own thread call {@link #lend()} soon
     * @return {@code false} if another one is the guest, it has ended, or the own thread does not lend it in time
     */
    boolean take(Runnable wakeUp) {
        Thread self = Thread.currentThread();
        if (guest == self && state.compareAndSet(State.AWAY, State.LENT)) {
            return true;
        }
        lock.lock();
        try {
            if (state.get() != State.OWN || candidate != null) {
                return false;
            }
            candidate = self;
            wakeUp.run();
            awaitLending(self);
            if (candidate == self) {
                candidate = null;
            }
            return guest == self && state.get() == State.LENT;
        } finally {
            lock.unlock();
        }
    }

    private void awaitLending(Thread self) {
        long nanos = patience.toNanos();
        try {
            while (candidate == self && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
        } catch (InterruptedException e) {
            // Meant for a handler that the guest has run. It has it, or does without.
        }
    }

    /** Lends it to who waits for it, if somebody does, and waits until it is back. Whether it was lent. */
    boolean lend() {
        if (candidate == null) {
            return false;
        }
        lock.lock();
        try {
            if (candidate == null) {
                return false; // it did not wait any longer
            }
            guest = candidate;
            candidate = null;
            state.set(State.LENT);
            changed.signalAll();
            while (state.get() != State.OWN) {
                changed.awaitUninterruptibly();
            }
            guest = null; // it is of a bundle that may go
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The guest, who has it, has something else to do, and may be back. */
    void pause() {
        state.set(State.AWAY);
    }

    /** The guest, who has it, does not want it any more. */
    void giveBack() {
        state.set(State.OWN);
        tell();
    }

    /** Has the own thread go on if the guest is away. */
    void leave() {
        if (state.get() == State.AWAY && state.compareAndSet(State.AWAY, State.OWN)) {
            tell();
        }
    }

    /** Whether the calling thread is the guest, and away. */
    boolean isAway() {
        return state.get() == State.AWAY && guest == Thread.currentThread();
    }

    /** The own thread, which has it, lends it no more. */
    void end() {
        lock.lock();
        try {
            state.set(State.ENDED);
            candidate = null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void tell() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
