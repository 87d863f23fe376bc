// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

/**
 * Which worker leads, and which event the next one is to lead on with.
 *
 * <p><b>Threads.</b> It shares the lock of {@link Workers}: each method is called with it held, but for {@link #isWoken}.
 */
final class Leadership {
    /** Where the lead is. */
    private enum Phase {
        /** Nothing is to be done. */
        RESTING,
        /** Nothing is to be done, and the worker that leads waits for it where it comes from. */
        LISTENING,
        /** There is something to do, and no worker that may. */
        WAITING,
        /** A worker leads. */
        LED,
        /** All handlers of an event have been called, and some still run. */
        SETTLING
    }

    private final Ticker ticker;

    private Phase phase = Phase.RESTING;

    /** Who leads; {@code null} unless somebody does. */
    private Worker leader;

    /** The event that waits for a worker, or to be settled; {@code null} if the next one is to be found. */
    private Dispatch current;

    /** Whether there may be something to do that the leader has not seen. */
    private volatile boolean woken;

    /** There is nothing to do. The ticker says since when an event waits. */
    Leadership(Ticker ticker) {
        this.ticker = ticker;
    }

    /** Who leads, or listens; {@code null} if nobody does. */
    Worker leader() {
        return leader;
    }

    /** The event that waits; {@code null} if the next one is to be found, or a worker leads. */
    Dispatch current() {
        return current;
    }

    boolean isResting() {
        return phase == Phase.RESTING;
    }

    boolean isListening() {
        return phase == Phase.LISTENING;
    }

    boolean isWaiting() {
        return phase == Phase.WAITING;
    }

    boolean isLed() {
        return phase == Phase.LED;
    }

    /** Whether no event is under way, and none is known to wait. */
    boolean isIdle() {
        return phase == Phase.RESTING || phase == Phase.LISTENING;
    }

    /** There may be something to do. */
    void wake() {
        woken = true;
    }

    /** Whether there may be something to do that the leader has not seen. May be asked by any thread, without the lock. */
    boolean isWoken() {
        return woken;
    }

    /** A worker leads from now on, and will see all that there is. */
    void begin(Worker worker) {
        leader = worker;
        phase = Phase.LED;
        woken = false;
    }

    /** The event that the new leader goes on with; {@code null} if it has to find one. Gives it once. */
    Dispatch takeOver() {
        Dispatch taken = current;
        current = null;
        return taken;
    }

    /**
     * Nobody leads any more, and there is something to do.
     *
     * @param dispatch the event to go on with; {@code null} if it is to be found
     */
    void await(Dispatch dispatch) {
        leader = null;
        phase = Phase.WAITING;
        current = dispatch;
        if (dispatch != null && dispatch.waitingSinceNanos == 0) {
            dispatch.waitingSinceNanos = ticker.nanos();
        }
    }

    /** Nobody leads any more, until no run of this event is open. */
    void settle(Dispatch dispatch) {
        leader = null;
        phase = Phase.SETTLING;
        current = dispatch;
    }

    /** No run of this event is open any more; if that was waited for, it waits for a worker from now on. */
    void settled(Dispatch dispatch) {
        if (phase == Phase.SETTLING) {
            await(dispatch);
        }
    }

    /** The leader has nothing to do, and waits for it where it comes from. */
    void listen() {
        phase = Phase.LISTENING;
        leader.forget();
    }

    /** It comes back and looks. */
    void listened() {
        phase = Phase.LED;
        woken = false;
    }

    /** The leader has nothing to do. Whether that is still so: then nobody leads any more. */
    boolean rest() {
        if (woken) {
            woken = false;
            return false;
        }
        phase = Phase.RESTING;
        leader.forget();
        leader = null;
        return true;
    }
}
