// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.util.function.BooleanSupplier;

import org.callosum.api.Message;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Where a {@link Dispatcher} gets events from, one after the other.
 *
 * <p><b>Threads.</b> A thread of the dispatcher's, one at a time, calls {@link #poll}, {@link #sinceNanos} and {@link #listen};
 * any other may call the rest. None but {@code listen} may wait.
 */
@ConsumerType
public interface EventSource {
    /** No time. */
    long UNKNOWN = Long.MIN_VALUE;

    /**
     * Takes the next event; the one that was taken before has been dispatched.
     *
     * @return {@code null} if there is none now: whoever adds one calls {@link Dispatcher#wake()}
     */
    Message poll();

    /** When the event that was taken last had come, by {@link System#nanoTime()}; {@link #UNKNOWN} if nobody knows. */
    default long sinceNanos() {
        return UNKNOWN;
    }

    /**
     * Waits for the next event, and does what brings it here on the calling thread meanwhile, so that none has to wake another.
     *
     * @param until whether there may be something to do; asked on the calling thread, often. Whoever makes it true calls
     *     {@link Dispatcher#wake()}, from within this method too; to have it asked again {@link #recall} is called
     * @return whether it has waited; {@code false}, at once, if there is nothing to be done here now
     */
    default boolean listen(BooleanSupplier until) {
        return false;
    }

    /** Says to who listens that there may be something to do. Does nothing if nobody listens. No lock is held. */
    default void recall() {}

    /**
     * Says that who listened last will not do so again soon: somebody else may do what brings events here. Does nothing while
     * somebody listens, or the second time. Called with a lock of the dispatcher's held.
     */
    default void leave() {}

    /**
     * Since when the oldest event waits that nothing but the dispatcher keeps waiting, by {@link System#nanoTime()}; {@link #UNKNOWN}
     * if there is none, or nobody knows. May be asked at any time.
     */
    default long waitingSinceNanos() {
        return UNKNOWN;
    }

    /** How many events wait. May be asked at any time. */
    default long waiting() {
        return 0;
    }
}
