// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import org.callosum.api.Message;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Where a {@link Dispatcher} gets events from, one after the other.
 *
 * <p><b>Threads.</b> A thread of the dispatcher's, one at a time, calls {@link #poll} and {@link #sinceNanos}; another one asks how much
 * waits. None may wait.
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
