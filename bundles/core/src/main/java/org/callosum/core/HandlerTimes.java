// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How long one handler's invocations took, and what others waited for it, at one moment. Immutable.
 *
 * @param p50 half of the invocations took no longer; zero if there was none
 * @param p99 99 of 100 took no longer
 * @param max the longest
 * @param maxEvent the event of the longest, {@code tract/event}; empty if there was none
 * @param delayCaused how long events of the same or of other apps waited behind this handler's slow invocations, all together
 * @param lastOverrun when it was last seen to overrun its time limit; empty if it never was
 * @param lastStack where it was when it last overran, innermost frame first; empty if it never has
 */
public record HandlerTimes(
        Duration p50,
        Duration p99,
        Duration max,
        String maxEvent,
        Duration delayCaused,
        Optional<Instant> lastOverrun,
        List<StackTraceElement> lastStack) {
    /** Of a handler that was never invoked. */
    public static final HandlerTimes NONE = new HandlerTimes(
            Duration.ZERO, Duration.ZERO, Duration.ZERO, "", Duration.ZERO, Optional.empty(), List.of());

    /** Copies the stack. */
    public HandlerTimes {
        lastStack = List.copyOf(lastStack);
    }
}
