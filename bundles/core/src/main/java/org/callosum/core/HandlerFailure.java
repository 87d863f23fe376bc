// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.time.Instant;
import java.util.List;

/**
 * What a handler threw, or why it could not be had. Immutable; text alone, so that it keeps nothing of the app alive.
 *
 * @param at when, by the machine's clock
 * @param event the event that it was called for, {@code tract/event}; empty if it was for none
 * @param error the exception: its class and its message, shortened, as it came: who shows it has to escape it
 * @param trace where it was thrown and what caused it, a line each, as {@link Throwable#printStackTrace()} has them but for their
 *     indents; shortened. Of the last one that was logged, if this one was not because the same was thrown at the same place within
 *     a minute before: its causes, and who called it, may have been others
 */
public record HandlerFailure(Instant at, String event, String error, List<String> trace) {
    /** Copies the trace. */
    public HandlerFailure {
        trace = List.copyOf(trace);
    }
}
