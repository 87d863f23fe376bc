// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Instant;
import java.util.function.Supplier;

import org.callosum.api.EventContext;
import org.callosum.api.KeyValues;
import org.callosum.core.EventSource;

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

    private static final int TIMED_EACH = 8;

    /** How many events between two rests are few: to change threads for each costs more than to have one do all. */
    private static final int FEW = 16;

    /** What takes longer is not run by who listens: it would keep the events behind from coming. */
    private static final long BRISK_NANOS = 100_000;

    /** After how many rests with few events before each the worker listens, where the source lets it. */
    private static final int QUIET_RESTS = 16;

    /** How many more it takes when the source has not. */
    private static final int REFUSED_RESTS = 1_000;

    private final Supplier<Dispatch> agenda;
    private final Supplier<EventSource> sources;
    private final Parking parking;
    private final Delays delays;
    private final HandlerCall call;
    private final Traces traces;
    private final Ticker ticker;
    private final Reports reports;

    private Workers workers;
    private Supplier<Instant> deadlines;

    // Touched by the leader.

    /** How many events were begun. */
    private int events;

    /** The time when the clock was last read, and the watchdog's looks before that; of no worth when the lead has changed. */
    private long now;

    private int looks;

    /** How many events had begun at the last rest. */
    private int eventsAtRest;

    /** How many rests one after the other had few events before. */
    private int quietRests;

    /** Whether the worker listened and is expected back, and the watchdog's looks then. */
    private boolean isAway;

    private int looksAway;

    /** Where was listened last. */
    private volatile EventSource heard;

    /** The event under way; {@code null} if there is none. */
    private volatile Dispatch current;

    /**
     * A loop, that is given its workers before they start.
     *
     * @param agenda gives the next event; {@code null} if there is none. Called by the worker that leads
     * @param sources gives where events come from; {@code null} from nowhere
     * @param parking is told of a handler whose service cannot be had, and says whether it is waited for
     */
    RunLoop(
            Supplier<Dispatch> agenda,
            Supplier<EventSource> sources,
            Parking parking,
            HandlerCall call,
            Delays delays,
            Traces traces,
            Ticker ticker,
            Reports reports) {
        this.agenda = agenda;
        this.sources = sources;
        this.parking = parking;
        this.call = call;
        this.delays = delays;
        this.traces = traces;
        this.ticker = ticker;
        this.reports = reports;
    }

    void use(Workers those) {
        workers = those;
        deadlines = those::deadline;
    }

    @Override
    public boolean isToCome(Handler handler) {
        Dispatch dispatch = current;
        return dispatch != null && dispatch.isToCome(handler);
    }

    @Override
    public Dispatch underWay() {
        return current;
    }

    @Override
    public void lead(Worker worker) {
        Dispatch dispatch = workers.takeOver();
        isAway = false;
        if (dispatch != null) {
            quietRests = 0; // somebody is slow
        }
        readClock();
        while (true) {
            if (dispatch == null) {
                dispatch = next();
                if (worker.ending) { // looked at behind the event: what came after a bundle was closed is not run here
                    stay();
                    workers.passOn(dispatch);
                    return;
                }
                if (dispatch == null) {
                    if (listen(worker)) {
                        continue;
                    }
                    stay();
                    if (workers.rest()) {
                        return;
                    }
                    continue;
                }
            }
            CURRENT.setRelease(this, dispatch);
            if (!runAll(worker, dispatch)) {
                return;
            }
            if (dispatch.open > 0 && !workers.isSettled(dispatch)) {
                return;
            }
            CURRENT.setRelease(this, null);
            end(dispatch);
            dispatch = null;
        }
    }

    @Override
    public void recall() {
        EventSource from = heard;
        if (from != null) {
            from.recall();
        }
    }

    @Override
    public void leave() {
        EventSource from = heard;
        if (from != null) {
            from.leave();
        }
    }

    /**
     * Waits for the next event where it comes from, if the last ones came one by one. Whether it has: then there may be
     * something to do.
     */
    private boolean listen(Worker worker) {
        quietRests = events - eventsAtRest <= FEW ? quietRests + 1 : 0;
        eventsAtRest = events;
        if (quietRests < QUIET_RESTS) {
            return false;
        }
        EventSource from = sources.get();
        if (from == null || !workers.listen(worker)) {
            return false;
        }
        heard = from;
        isAway = from.listen(workers::isWoken);
        if (!isAway) {
            quietRests = -REFUSED_RESTS;
        }
        workers.listened();
        looksAway = workers.looks();
        return true;
    }

    /** Will not listen again soon. */
    private void stay() {
        if (isAway) {
            isAway = false;
            quietRests = 0;
            leave();
        }
    }

    /** What it listens to has waited long enough, or will have to. */
    private void stayIfBusy(Handler handler) {
        if (handler.isSlow || handler.lastNanos > BRISK_NANOS || events - eventsAtRest > FEW || looks - looksAway > 1) {
            stay();
        }
    }

    /**
     * Runs the handlers whose turn is still to come. Whether the worker still leads.
     *
     * <p>To read the clock takes longer than most handlers. So it is read when the watchdog has looked since the last time: a
     * handler's time begins a look too early at most. In one event of {@value #TIMED_EACH} each handler is timed, and counted so
     * often; what is slow is always timed.
     */
    private boolean runAll(Worker worker, Dispatch dispatch) {
        boolean isTimed = events++ % TIMED_EACH == 0;
        if (isTimed) {
            readClock();
        } else {
            readOldClock();
        }
        EventTrace trace = traces.isOff() ? null : traces.of(dispatch); // one look at each event: handlers cost none
        if (dispatch.sinceNanos != EventSource.UNKNOWN) {
            delays.waited(dispatch.message, dispatch.sinceNanos, now);
            dispatch.sinceNanos = EventSource.UNKNOWN; // said once
        }
        for (Handler handler = dispatch.next(); handler != null; handler = dispatch.next()) {
            readOldClock();
            long began = now;
            if (!run(worker, dispatch, handler, trace, began)) {
                return false;
            }
            if (isTimed) {
                readClock();
                handler.times().record(now - began, dispatch.message, TIMED_EACH);
                handler.timed(now - began);
            }
        }
        return true;
    }

    private void readOldClock() {
        if (looks != workers.looks()) {
            readClock();
        }
    }

    private void readClock() {
        looks = workers.looks(); // first: whoever looks meanwhile has it read again
        now = ticker.nanos();
    }

    /** Runs a handler. Whether the worker still leads. */
    private boolean run(Worker worker, Dispatch dispatch, Handler handler, EventTrace trace, long began) {
        EventContext context = dispatch.contextOf(handler.owner().app(), deadlines);
        dispatch.countInvoked();
        int turns = dispatch.turns();
        if (isAway) {
            stayIfBusy(handler);
        }
        worker.begin(handler, context, dispatch, began);
        dispatch.begun(turns);
        if (handler.isSlow && dispatch.hasNext()) {
            workers.passAhead(worker);
        }
        boolean isRefused = handler.closed; // behind the beginning: see there
        Throwable missed = null;
        if (trace != null) {
            missed = trace.run(worker, handler, context, isRefused ? null : call);
        } else if (!isRefused) {
            missed = call.call(handler, context);
        }
        if (!worker.end()) {
            workers.ended(worker, isRefused, missed);
            return false;
        }
        // An interrupt of the handler that just ended is not meant for the next one.
        Thread.interrupted();
        if (isRefused) {
            dispatch.refuse(handler);
        } else if (missed != null) {
            miss(dispatch, handler, context, missed);
        }
        if (handler.timeoutsInARow != 0) {
            handler.timeoutsInARow = 0;
        }
        return true;
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
            return agenda.get();
        } catch (Throwable e) { // an error, too: a large event may find no memory, and this worker has to lead on
            reports.add(log -> log.error("An event could not be dispatched: the next ones are", e));
            workers.wake(); // there may be more
            return null;
        }
    }

    private void end(Dispatch dispatch) {
        try {
            dispatch.end();
        } catch (Throwable e) {
            String event =
                    dispatch.message.toString(); // the message itself may be large, and what is reported may wait
            KeyValues values = dispatch.message.keyValues();
            reports.add(log -> log.error(
                    "What follows event {} could not be done: the next events are dispatched{}", event, values, e));
        }
    }
}
