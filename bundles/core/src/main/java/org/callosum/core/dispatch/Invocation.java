// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import org.callosum.api.EventContext;
import org.callosum.api.Gap;
import org.osgi.service.event.EventHandler;
import org.osgi.service.log.Logger;

/**
 * One handler's run for one event; or, without an event, the run that gets its service.
 *
 * <p><b>Threads.</b> What is not final is guarded by the lock of {@link Workers}; {@link #run} is called once, by a
 * worker, without it.
 */
final class Invocation {
    private static final String FAILED = "{} failed: the other handlers and later events are not affected";

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

    State state = State.PENDING;

    /** When it was submitted; since it runs, when it started. */
    long sinceNanos;

    /** Who runs it; {@code null} while it is pending. */
    Worker worker;

    /** The event that waits for it; {@code null} if nobody does. */
    final Dispatch dispatch;

    /** Why the service could not be had, and so the handler was not called; {@code null} if it was. */
    private volatile Throwable missed;

    /** Whether it ended when nobody waited for it any more. */
    boolean wasLate;

    Invocation(Handler handler, EventContext context, Dispatch dispatch) {
        this.handler = handler;
        this.context = context;
        this.dispatch = dispatch;
    }

    /** What it is doing, for a log line: app, handler, tract and event. */
    String label() {
        return context == null ? handler.label() + " activation" : handler.label() + " on " + context.msg();
    }

    /**
     * Runs foreign code: whatever it throws, {@code Error}s included, ends here, and so does what its exception throws when it
     * is asked for its text.
     */
    void run(Logger logger) {
        Thread thread = Thread.currentThread();
        try {
            EventHandler service = service();
            if (service != null && context != null) {
                handler.enter(service);
                tellGaps(service, logger);
                Handler.call(service, context);
            }
        } catch (Throwable failure) {
            report(logger, FAILED, failure);
        } finally {
            thread.setContextClassLoader(null);
        }
    }

    private EventHandler service() {
        try {
            return handler.prepare();
        } catch (Throwable failure) {
            missed = failure;
            return null;
        }
    }

    private void tellGaps(EventHandler service, Logger logger) {
        for (Gap gap : dispatch.gaps.take(handler)) {
            try {
                Handler.tell(service, gap);
            } catch (Throwable failure) {
                report(logger, "{} failed when it was told of a gap: the event is handed over all the same", failure);
            }
        }
    }

    private void report(Logger logger, String text, Throwable failure) {
        handler.countFailure();
        log(logger, text, failure);
    }

    private void log(Logger logger, String text, Throwable failure) {
        try {
            logger.error(text, label(), failure);
        } catch (Throwable unprintable) {
            reportUnprintable(logger, failure);
        }
    }

    private void reportUnprintable(Logger logger, Throwable failure) {
        try {
            logger.error(
                    "{} failed with a {} that cannot be printed",
                    label(),
                    failure.getClass().getName());
        } catch (Throwable unreportable) {
            // The failure is counted, and there is nothing left to say it with. The worker has to live on.
        }
    }

    /** Whether the handler was not called, because its service could not be had. */
    boolean isMissed() {
        return missed != null;
    }

    /** That the service could not be had is the handler's failure. */
    void fail(Logger logger) {
        if (context == null) {
            handler.countFailure();
        } else {
            handler.countUnavailable();
        }
        log(logger, FAILED, missed);
    }
}
