// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.eventadmin;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * How much was posted to EventAdmin that it has not begun to hand on: it is kept small, because what EventAdmin queues has no
 * bound and is out of our hands.
 *
 * <p>A post only queues. Felix's EventAdmin (1.6.4) has a queue for each posting thread, and hands its next event on when all
 * handlers of the one before have returned. One that overruns its time limit is put on the deny list, but is waited for all
 * the same: what that thread posted before and posts later waits until it returns, for ever if need be. So each event is
 * confirmed by a handler of our own, which gets it when it is handed on; when nothing is confirmed any more, the next events
 * are posted on another thread. Each time that takes one of EventAdmin's threads (Felix: 10), so the threads that are left
 * behind are limited.
 *
 * <p><b>Threads.</b> The posting thread asks and posts, any thread confirms.
 */
final class Flow {
    /** Events posted and not confirmed, at most. */
    static final int MAX_POSTED = 16;

    /** Posting threads left behind at the same time, at most. */
    static final int MAX_LEFT_BEHIND = 4;

    /** While the last confirmation is so long ago, no more is posted: it would wait behind a handler that perhaps hangs. */
    private static final Duration DOUBT = Duration.ofMillis(50);

    /** What the posting thread is to do. */
    enum Advice {
        POST,
        WAIT,
        CHANGE_THREAD
    }

    private final LongSupplier nanos;

    // All below is guarded by this.
    private long stallNanos;
    private long posted;
    private long confirmed;
    /** When something was confirmed last, or posted with nothing unconfirmed. */
    private long movedAt;
    /** The last numbers that were posted by the threads left behind; one that is confirmed sets its thread free. */
    private final Set<Long> leftBehind = new HashSet<>();

    /** @param nanos the time, as {@link System#nanoTime()} gives it */
    Flow(LongSupplier nanos) {
        this.nanos = nanos;
    }

    synchronized void setStall(Duration stall) {
        stallNanos = stall.toNanos();
    }

    synchronized Advice advice() {
        long unconfirmed = posted - confirmed;
        long sinceMoved = nanos.getAsLong() - movedAt;
        if (unconfirmed == 0 || unconfirmed < MAX_POSTED && sinceMoved < DOUBT.toNanos()) {
            return Advice.POST;
        }
        return sinceMoved >= stallNanos && leftBehind.size() < MAX_LEFT_BEHIND ? Advice.CHANGE_THREAD : Advice.WAIT;
    }

    /** The number of the next event, which is about to be posted. */
    synchronized long next() {
        if (posted == confirmed) {
            movedAt = nanos.getAsLong();
        }
        return ++posted;
    }

    /**
     * The posting thread is another one from now on.
     *
     * @return how many events the one before has posted that are not handed on
     */
    synchronized long changeThread() {
        long unconfirmed = posted - confirmed;
        leftBehind.add(posted);
        confirmed = posted;
        return unconfirmed;
    }

    /** The event of that number is handed on, and so is all that its thread posted before. */
    synchronized void confirm(long number) {
        leftBehind.remove(number);
        if (number > confirmed) {
            confirmed = number;
            movedAt = nanos.getAsLong();
        }
    }

    /** Forgets all: it is another EventAdmin. What the one before has not handed on it never will. */
    synchronized void reset() {
        leftBehind.clear();
        confirmed = posted;
    }
}
