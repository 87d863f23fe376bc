// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Supplier;

import org.callosum.api.EventContext;
import org.callosum.core.EventSource;
import org.osgi.service.log.Logger;

/**
 * Runs the handlers of one event, and one event after the other: what the worker that leads does. All that it has to know of an
 * event is in the {@link Dispatch}, so that another worker can go on where this one was left with a slow handler.
 *
 * <p><b>Threads.</b> One worker leads at a time.
 */
final class RunLoop implements Workers.Lead {
    private static final VarHandle CURRENT;

    static {
        try {
            CURRENT = MethodHandles.lookup().findVarHandle(RunLoop.class, "current", Dispatch.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final long LED_NO_MORE = Long.MIN_VALUE;

    private final Supplier<Dispatch> source;
    private final Parking parking;
    private final Delays delays;
    private final HandlerCall call;
    private final Ticker ticker;
    private final Logger logger;

    private Workers workers;

    /** The event under way; {@code null} if there is none. */
    private volatile Dispatch current;

    /**
     * A loop, that is given its workers before they start.
     *
     * @param source gives the next event; {@code null} if there is none. Called by the worker that leads
     * @param parking is told of a handler whose service cannot be had, and says whether it is waited for
     */
    RunLoop(Supplier<Dispatch> source, Parking parking, HandlerCall call, Delays delays, Ticker ticker, Logger logger) {
        this.source = source;
        this.parking = parking;
        this.call = call;
        this.delays = delays;
        this.ticker = ticker;
        this.logger = logger;
    }

    void use(Workers those) {
        workers = those;
    }

    @Override
    public boolean isToCome(Handler handler) {
        Dispatch dispatch = current;
        return dispatch != null && dispatch.isToCome(handler);
    }

    @Override
    public void lead(Worker worker) {
        Dispatch dispatch = workers.takeOver();
        while (true) {
            if (dispatch == null) {
                dispatch = next();
                if (worker.ending) { // looked at behind the event: what came after a bundle was closed is not run here
                    workers.passOn(dispatch);
                    return;
                }
                if (dispatch == null) {
                    if (workers.rest()) {
                        return;
                    }
                    continue;
                }
            }
            CURRENT.setRelease(this, dispatch);
            long now = ticker.nanos();
            if (dispatch.sinceNanos != EventSource.UNKNOWN) {
                delays.waited(dispatch.message, dispatch.sinceNanos, now);
                dispatch.sinceNanos = EventSource.UNKNOWN; // said once
            }
            for (Handler handler = dispatch.next(); handler != null; handler = dispatch.next()) {
                now = run(worker, dispatch, handler, now);
                if (now == LED_NO_MORE) {
                    return;
                }
            }
            if (dispatch.open > 0 && !workers.isSettled(dispatch)) {
                return;
            }
            CURRENT.setRelease(this, null);
            end(dispatch);
            dispatch = null;
        }
    }

    /** Runs a handler. When it ended, which is when the next one begins; or that the worker leads no more. */
    private long run(Worker worker, Dispatch dispatch, Handler handler, long begun) {
        EventContext context = dispatch.contextOf(handler.owner().app());
        dispatch.countInvoked();
        worker.begin(handler, context, dispatch, begun);
        boolean isRefused = handler.closed; // behind the beginning: see there
        Throwable missed = isRefused ? null : call.call(handler, context);
        if (!worker.end()) {
            workers.ended(worker, isRefused, missed);
            return LED_NO_MORE;
        }
        // An interrupt of the handler that just ended is not meant for the next one.
        Thread.interrupted();
        if (isRefused) {
            dispatch.refuse(handler);
            return begun;
        }
        if (missed != null) {
            miss(dispatch, handler, context, missed);
        }
        long now = ticker.nanos();
        handler.times().record(now - begun, dispatch.message);
        if (handler.timeoutsInARow != 0) {
            handler.timeoutsInARow = 0;
        }
        return now;
    }

    private void miss(Dispatch dispatch, Handler handler, EventContext context, Throwable missed) {
        if (parking.absent(handler)) {
            dispatch.refuse(handler);
        } else {
            call.missed(handler, context, missed);
        }
    }

    private Dispatch next() {
        try {
            return source.get();
        } catch (RuntimeException e) {
            logger.error("An event could not be dispatched: the next ones are", e);
            workers.wake(); // there may be more
            return null;
        }
    }

    private void end(Dispatch dispatch) {
        try {
            dispatch.end();
        } catch (RuntimeException e) {
            logger.error(
                    "What follows event {} could not be done: the next events are dispatched", dispatch.message, e);
        }
    }
}
