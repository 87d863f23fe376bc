// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

import org.callosum.api.EventContext;
import org.callosum.api.Message;
import org.callosum.core.EventSource;

/**
 * One event on its way through its handlers.
 *
 * <p><b>Threads.</b> Used by the worker that leads the {@link RunLoop}, which hands it to the next one under the lock of
 * {@link Workers}. {@link #open} and
 * what {@link #refuseLate} writes are guarded by that lock, for workers that lead no more use them, too.
 */
final class Dispatch {
    private static final VarHandle BEGUN;

    static {
        try {
            BEGUN = MethodHandles.lookup().findVarHandle(Dispatch.class, "begun", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Is told that every handler has finished or overrun. */
    interface End {
        /** Called on a worker, which must not be held up. */
        void ended(Dispatch dispatch);
    }

    /** The end of an event that was parked. */
    interface EndOfParked extends End {}

    /** The end of an event that somebody follows. */
    private record Traced(EventTrace by, End known) implements End {
        @Override
        public void ended(Dispatch dispatch) {
            try {
                by.ended();
            } finally {
                known.ended(dispatch);
            }
        }
    }

    final Message message;
    final List<Handler> handlers;
    private End end;

    /** The handlers that had left when their turn came, or whose service could not be had; none so far if {@code null}. */
    private List<Handler> refused;

    /** The same, of those whose invocation was taken from the leading worker. */
    private List<Handler> refusedLate;

    /** When the event had come; unknown also once it was asked for. */
    long sinceNanos = EventSource.UNKNOWN;

    /** How many invocations were taken from the leading worker and are waited for. */
    int open;

    /** Since when the next handler has waited for a worker that may lead, for the first time; 0 if it never has. */
    long waitingSinceNanos;

    /** The next handler's place. */
    private int next;

    /**
     * Up to where the handlers have begun to run, if it is not behind that: who closes one whose turn has come waits until it runs.
     * Read by others.
     */
    private volatile int begun;

    private int invoked;
    private EventContext last;

    /** One for each app so far, unless there is one handler alone. */
    private EventContext[] contexts;

    Dispatch(Message message, List<Handler> handlers, End end) {
        this.message = message;
        this.handlers = handlers;
        this.end = end;
    }

    /** The handler whose turn it is; {@code null} if all have had theirs. */
    Handler next() {
        int place = next;
        if (place == handlers.size()) {
            return null;
        }
        next = place + 1;
        return handlers.get(place);
    }

    /** How many handlers' turn has come. */
    int turns() {
        return next;
    }

    /**
     * Says that so many have begun. A worker whose run was taken may say so when the next one has said more: then who waits for that
     * one waits until the event is over.
     */
    void begun(int turns) {
        BEGUN.setRelease(this, turns);
    }

    /** Whether there is a handler behind the one whose turn it is. */
    boolean hasNext() {
        return next < handlers.size();
    }

    /** Whether a handler is still to begin. May be asked by any thread. It may say so too long, see {@link #begun}; never too short. */
    boolean isToCome(Handler handler) {
        return handlers.lastIndexOf(handler) >= begun;
    }

    void countInvoked() {
        invoked++;
    }

    /** A handler that was counted was not invoked after all. */
    void refuse(Handler handler) {
        invoked--;
        refused = with(refused, handler);
    }

    /** The same, if its invocation was taken from the leading worker. */
    void refuseLate(Handler handler) {
        refusedLate = with(refusedLate, handler);
    }

    private static List<Handler> with(List<Handler> some, Handler one) {
        List<Handler> all = some == null ? new ArrayList<>() : some;
        all.add(one);
        return all;
    }

    /** How many were invoked. Holds when nothing is open. */
    int invoked() {
        return invoked - (refusedLate == null ? 0 : refusedLate.size());
    }

    /** The handlers that were refused. Holds when nothing is open. */
    List<Handler> refused() {
        if (refused == null && refusedLate == null) {
            return List.of();
        }
        List<Handler> all = new ArrayList<>();
        if (refused != null) {
            all.addAll(refused);
        }
        if (refusedLate != null) {
            all.addAll(refusedLate);
        }
        return all;
    }

    void end() {
        end.ended(this);
    }

    /** What notes what becomes of it; {@code null} if nobody wants to know. */
    EventTrace trace() {
        return end instanceof Traced traced ? traced.by() : null; // no field for it: events are many, traces few
    }

    /** Has this note what becomes of it: before the first handler's turn. */
    void trace(EventTrace by) {
        end = new Traced(by, end);
    }

    /** Whether it was parked. */
    boolean wasParked() {
        End its = end instanceof Traced traced ? traced.known() : end;
        return its instanceof EndOfParked;
    }

    /**
     * One context for each app.
     *
     * @param app as an {@link Owner} has it: compared by identity
     */
    EventContext contextOf(String app, Supplier<Instant> deadlines) {
        EventContext known = last;
        if (known == null || known.app() != app) {
            known = handlers.size() == 1
                    ? new EventContext(message, app, deadlines)
                    : contextAmongOthers(app, deadlines);
            last = known;
        }
        return known;
    }

    /** Looks through them all: few apps listen to the same event, and a map would take more memory than all else here. */
    private EventContext contextAmongOthers(String app, Supplier<Instant> deadlines) {
        if (contexts == null) {
            contexts = new EventContext[Math.min(handlers.size(), 4)];
        }
        int apps = 0;
        for (; apps < contexts.length && contexts[apps] != null; apps++) {
            if (contexts[apps].app() == app) {
                return contexts[apps];
            }
        }
        if (apps == contexts.length) {
            contexts = Arrays.copyOf(contexts, Math.min(handlers.size(), 2 * apps));
        }
        EventContext context = new EventContext(message, app, deadlines);
        contexts[apps] = context;
        return context;
    }
}
