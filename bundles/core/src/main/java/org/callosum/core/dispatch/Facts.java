// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.Optional;

import org.callosum.api.EventContext;
import org.callosum.api.Message;
import org.callosum.api.Printable;
import org.callosum.core.HandlerEvent;
import org.callosum.core.HandlerEvent.Kind;
import org.callosum.core.RuntimeListener;

/**
 * Tells what happens to handlers to whoever wants to know. Costs nothing until somebody does.
 *
 * <p><b>Threads.</b> Any. No lock is held while the listener is called.
 */
final class Facts {
    private static final int MAX_REASON = 500;

    private volatile RuntimeListener listener;

    /** Has this one told from now on. */
    void listener(RuntimeListener one) {
        listener = one;
    }

    /**
     * A handler threw, or could not be had.
     *
     * @param context what it was called for; {@code null} if it was not
     */
    void failed(Handler handler, EventContext context, Throwable failure) {
        if (listener != null) {
            tell(Kind.FAILED, handler, messageOf(context), text(failure));
        }
    }

    /** A handler overran. */
    void overran(Handler handler, EventContext context) {
        tell(Kind.TIMED_OUT, handler, messageOf(context), "");
    }

    /** A handler is in quarantine. */
    void quarantined(Handler handler, String reason) {
        tell(Kind.QUARANTINED, handler, Optional.empty(), reason);
    }

    /** A handler is in quarantine no more. */
    void released(Handler handler) {
        tell(Kind.RELEASED, handler, Optional.empty(), "");
    }

    private void tell(Kind kind, Handler handler, Optional<Message> message, String reason) {
        RuntimeListener told = listener;
        if (told == null) {
            return;
        }
        try {
            told.happened(new HandlerEvent(
                    kind,
                    handler.serviceId(),
                    handler.owner().app(),
                    handler.name(),
                    handler.owner().bundleId(),
                    handler.owner().bundle(),
                    handler.owner().version(),
                    message,
                    Printable.of(reason, MAX_REASON)));
        } catch (RuntimeException | LinkageError e) {
            return; // it is counted and logged all the same
        }
    }

    private static Optional<Message> messageOf(EventContext context) {
        return Optional.ofNullable(context).map(EventContext::msg);
    }

    /** What an exception says of itself, which may be anything. */
    private static String text(Throwable failure) {
        try {
            return String.valueOf(failure);
        } catch (Throwable unprintable) {
            return failure.getClass().getName();
        }
    }
}
