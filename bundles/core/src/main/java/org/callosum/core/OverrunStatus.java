// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.time.Duration;
import java.util.List;

/**
 * A handler that overran and still runs, at one moment. Immutable.
 *
 * @param app the handler's app
 * @param handler the handler's name
 * @param tract the tract of the event that it was called for
 * @param event the event
 * @param running for how long it has run
 * @param thread the name of the thread that it holds
 * @param stack where it is now, innermost frame first
 */
public record OverrunStatus(
        String app,
        String handler,
        String tract,
        String event,
        Duration running,
        String thread,
        List<StackTraceElement> stack) {
    /** Copies the stack. */
    public OverrunStatus {
        stack = List.copyOf(stack);
    }
}
