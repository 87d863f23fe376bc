// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.time.Duration;
import java.util.List;

/**
 * An invocation that takes long, at one moment. Immutable.
 *
 * @param app the handler's app
 * @param handler the handler's name
 * @param tract the tract of the event that it was called for
 * @param event the event
 * @param state whether it is still waited for
 * @param isPastSoftLimit whether it has run for longer than the part of its time limit from which on it is logged as slow;
 *     always so if it is written off
 * @param running for how long it has run
 * @param thread the name of the thread that it holds
 * @param stack where it is now, innermost frame first
 */
public record InvocationStatus(
        String app,
        String handler,
        String tract,
        String event,
        State state,
        boolean isPastSoftLimit,
        Duration running,
        String thread,
        List<StackTraceElement> stack) {
    /** How an invocation that takes long stands. */
    public enum State {
        /** It is within its time limit, and the next event waits for it. */
        SLOW,
        /** It overran its time limit: nobody waits for it any more, and its worker is written off. */
        WRITTEN_OFF
    }

    /** Copies the stack. */
    public InvocationStatus {
        stack = List.copyOf(stack);
    }
}
