// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.InstantSource;

import org.callosum.api.EventContext;
import org.callosum.api.Gap;
import org.callosum.api.KeyValues;
import org.callosum.core.HandlerFailure;
import org.osgi.service.event.EventHandler;

/**
 * Calls foreign code: whatever it throws, {@code Error}s included, ends here, and so does what its exception throws when it is
 * asked for its text.
 *
 * <p><b>Threads.</b> Workers, any number at once. No lock is held.
 */
final class HandlerCall {
    /** What failed, and what the log says of it. */
    private enum Kind {
        /** The call for an event. */
        CALL("{} failed: the other handlers and later events are not affected"),
        /** The call that tells of a gap. */
        GAP("{} failed when it was told of a gap: the event is handed over all the same"),
        /** The service could not be had. */
        MISSED(CALL.text);

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    private final Gaps gaps;
    private final Facts facts;
    private final Failures failures;
    private final InstantSource clock;
    private final Reports reports;

    /** Calls that tell of these gaps and report failures here; the clock says when something failed. */
    HandlerCall(Gaps gaps, Facts facts, Ticker ticker, InstantSource clock, Reports reports) {
        this.gaps = gaps;
        this.facts = facts;
        this.failures = new Failures(ticker);
        this.clock = clock;
        this.reports = reports;
    }

    /**
     * Hands an event to a handler, behind what it has to be told.
     *
     * @return why it was not called, because its service could not be had; {@code null} if it was
     */
    Throwable call(Handler handler, EventContext context) {
        try {
            EventHandler service;
            try {
                service = handler.prepare();
            } catch (Throwable failure) {
                return failure;
            }
            handler.enter(service);
            for (Gap gap : gaps.take(handler)) {
                tell(handler, service, context, gap);
            }
            Handler.call(service, context);
        } catch (Throwable failure) {
            failed(Kind.CALL, handler, context, failure);
        } finally {
            Thread.currentThread().setContextClassLoader(null);
        }
        return null;
    }

    /** Gets a handler's service. Why it could not be had; {@code null} if it was. */
    static Throwable prepare(Handler handler) {
        try {
            handler.prepare();
            return null;
        } catch (Throwable failure) {
            return failure;
        } finally {
            Thread.currentThread().setContextClassLoader(null);
        }
    }

    /** That the service could not be had is the handler's failure. The worker may have no time limit any more, and lead. */
    void missed(Handler handler, EventContext context, Throwable failure) {
        failed(Kind.MISSED, handler, context, failure);
    }

    /** A call takes longer than it may. */
    void overran(Handler handler, EventContext context) {
        facts.overran(handler, context);
    }

    /** What is being done, for a log line: app, handler, tract and event. */
    static String label(Handler handler, EventContext context) {
        return context == null ? handler.label() + " activation" : handler.label() + " on " + context.msg();
    }

    /** The same, for the values of a log line. */
    static KeyValues keyValues(Handler handler, EventContext context) {
        return context == null
                ? handler.keyValues()
                : handler.keyValues().and(context.msg().keyValues());
    }

    private void tell(Handler handler, EventHandler service, EventContext context, Gap gap) {
        try {
            Handler.tell(service, gap);
        } catch (Throwable failure) {
            failed(Kind.GAP, handler, context, failure);
        }
    }

    /** Keeps a failure for who asks, counts it, tells it and has it logged, as far as there is memory for all that. */
    private void failed(Kind kind, Handler handler, EventContext context, Throwable failure) {
        try {
            Failures.Seen seen;
            try {
                seen = note(handler, context, failure); // before it is counted: who sees the count finds it
            } finally {
                if (kind == Kind.MISSED && context != null) {
                    handler.countUnavailable();
                } else {
                    handler.countFailure();
                }
            }
            if (kind == Kind.CALL) {
                EventTrace.failed(failure);
            }
            if (kind == Kind.MISSED) {
                facts.missed(handler, context, failure);
            } else {
                facts.failed(handler, context, failure);
            }
            log(kind.text, seen, handler, context);
        } catch (Throwable noMemory) {
            return; // It is counted, and there is nothing left to say it with. The worker has to live on.
        }
    }

    private Failures.Seen note(Handler handler, EventContext context, Throwable failure) {
        Failures.Seen seen = failures.see(handler, context == null, failure);
        handler.failed(new HandlerFailure(
                clock.instant(),
                context == null ? "" : context.msg().toString(),
                StackText.error(failure),
                seen.trace()));
        return seen;
    }

    private void log(String text, Failures.Seen seen, Handler handler, EventContext context) {
        if (!seen.isToBeSaid()) {
            return; // counted, and said with the next one
        }
        String more = seen.unsaid() == 0 ? "" : " (and " + seen.unsaid() + " times more since it was said last)";
        LoggedFailure logged = seen.logged(); // here, under the time limit: it asks the failure, which is foreign
        KeyValues values = keyValues(handler, context)
                .and("reason", StackText.error(logged))
                .and("left_out", seen.unsaid() == 0 ? null : seen.unsaid());
        String label = label(handler, context);
        reports.add(log -> log.error(text + more + "{}", label, values, logged));
    }
}
