// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * An event that waited long, and for whom. Immutable.
 *
 * @param tract its tract
 * @param event its event
 * @param at when its turn came
 * @param waited how long it had waited then
 * @param causes the slow invocations that it waited for, the longest wait first
 */
public record DelayStatus(String tract, String event, Instant at, Duration waited, List<Cause> causes) {
    /** Copies the causes. */
    public DelayStatus {
        causes = List.copyOf(causes);
    }

    /**
     * A slow invocation that an event waited for.
     *
     * @param app the handler's app
     * @param handler the handler's name
     * @param tract the tract of the event that it was called for
     * @param event the event
     * @param waited how long the other event waited behind it
     * @param place where it was, as {@code Class.method}; empty if nobody looked while it ran
     */
    public record Cause(String app, String handler, String tract, String event, Duration waited, String place) {}
}
