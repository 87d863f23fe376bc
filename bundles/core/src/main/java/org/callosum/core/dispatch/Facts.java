// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.Optional;

import org.callosum.api.EventContext;
import org.callosum.api.KeyValues;
import org.callosum.api.Message;
import org.callosum.api.Printable;
import org.callosum.core.HandlerEvent;
import org.callosum.core.HandlerEvent.Kind;
import org.callosum.core.RuntimeListener;

/**
 * Tells what happens to handlers to whoever wants to know. Costs nothing until somebody does.
 *
 * <p>What a handler threw is told on the thread on which it did, in the handler's time, for there may be something with each event.
 * All else is told on a {@link SideThread}: it is seen by those who look after the time limit and the parked events, or lead, whom
 * a listener that blocks must not keep from that.
 *
 * <p><b>Threads.</b> Any. No lock is held while the listener is called. {@link #start} and {@link #stop} are called by one at a
 * time.
 */
final class Facts {
    private static final int MAX_REASON = 500;

    private final SideThread thread;
    private volatile RuntimeListener listener;

    /** Tells nobody so far; not started. What a listener does not take is reported. */
    Facts(Reports reports) {
        thread = new SideThread(
                "callosum-facts",
                count -> reports.add(log -> log.warn(
                        "{} facts about handlers were not told: a listener blocks{}",
                        count,
                        KeyValues.of("left_out", count))));
    }

    void start() {
        thread.start();
    }

    void stop() {
        thread.stop();
        thread.tellLeftOut(); // the log may take what the listener did not
    }

    /** Has this one told from now on. */
    void listener(RuntimeListener one) {
        listener = one;
    }

    /** A handler threw. */
    void failed(Handler handler, EventContext context, Throwable failure) {
        RuntimeListener told = listener;
        if (told != null) {
            tell(told, event(Kind.FAILED, handler, messageOf(context), StackText.error(failure)));
        }
    }

    /**
     * A handler could not be had.
     *
     * @param context what it was to be called for; {@code null} if it was got ahead of its first event
     */
    void missed(Handler handler, EventContext context, Throwable failure) {
        if (listener != null) {
            tellAside(Kind.FAILED, handler, messageOf(context), StackText.error(failure));
        }
    }

    /** A handler overran. */
    void overran(Handler handler, EventContext context) {
        tellAside(Kind.TIMED_OUT, handler, messageOf(context), "");
    }

    /** A handler is in quarantine. */
    void quarantined(Handler handler, String reason) {
        tellAside(Kind.QUARANTINED, handler, Optional.empty(), reason);
    }

    /** A handler is in quarantine no more. */
    void released(Handler handler) {
        tellAside(Kind.RELEASED, handler, Optional.empty(), "");
    }

    private void tellAside(Kind kind, Handler handler, Optional<Message> message, String reason) {
        RuntimeListener told = listener;
        if (told != null) {
            HandlerEvent event = event(kind, handler, message, reason);
            long bytes = message.map(its -> (long) its.toUtf8().remaining()).orElse(0L);
            thread.add(() -> tell(told, event), bytes);
        }
    }

    private static HandlerEvent event(Kind kind, Handler handler, Optional<Message> message, String reason) {
        return new HandlerEvent(
                kind,
                handler.serviceId(),
                handler.owner().app(),
                handler.name(),
                handler.owner().bundleId(),
                handler.owner().bundle(),
                handler.owner().version(),
                message,
                Printable.of(reason, MAX_REASON));
    }

    private static void tell(RuntimeListener told, HandlerEvent event) {
        try {
            told.happened(event);
        } catch (Throwable theirs) {
            return; // it is counted and logged all the same, and the worker has to live on
        }
    }

    private static Optional<Message> messageOf(EventContext context) {
        return Optional.ofNullable(context).map(EventContext::msg);
    }
}
