// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import org.callosum.api.EventContext;
import org.callosum.api.KeyValues;

/**
 * One handler's run that others look at: it takes long, or it is the run that gets the handler's service ahead of its first
 * event. Guarded by the lock of {@link Workers}.
 */
final class Invocation {
    /** Where an invocation is on its way. */
    enum State {
        /** Waits for a worker. */
        PENDING,
        /** Runs, and is waited for. */
        RUNNING,
        /** Runs past its time limit, and is not waited for any more. */
        OVERRUN,
        /** Ended, or was cancelled while it was pending. */
        ENDED
    }

    final Handler handler;

    /** {@code null} for the run that gets the service. */
    final EventContext context;

    /** The event that waits for it; {@code null} for the run that gets the service. */
    final Dispatch dispatch;

    State state = State.PENDING;

    /** When it was submitted; since it runs, when it started. */
    long sinceNanos;

    /** Whether it was reported to be slow. */
    boolean isSlow;

    /** Where it was when somebody last looked; empty if nobody did. */
    String place = "";

    /** Who runs it; {@code null} while it is pending. */
    Worker worker;

    Invocation(Handler handler, EventContext context, Dispatch dispatch, long sinceNanos) {
        this.handler = handler;
        this.context = context;
        this.dispatch = dispatch;
        this.sinceNanos = sinceNanos;
    }

    void begin(Worker by) {
        worker = by;
        state = State.RUNNING;
        handler.invocations.add(this);
    }

    /** What it is doing, for a log line: app, handler, tract and event. */
    String label() {
        return HandlerCall.label(handler, context);
    }

    /** The same, for the values of a log line. */
    KeyValues keyValues() {
        return HandlerCall.keyValues(handler, context);
    }
}
