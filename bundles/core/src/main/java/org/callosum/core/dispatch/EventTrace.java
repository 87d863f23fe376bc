// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.callosum.api.EventContext;
import org.callosum.api.Message;
import org.callosum.api.Printable;
import org.callosum.core.EventSource;
import org.callosum.core.TracedEvent;
import org.callosum.core.TracedEvent.Result;

/**
 * Notes what becomes of one event, for those who follow it.
 *
 * <p><b>Threads.</b> The workers that run its handlers note, each its own run; the watchdog notes what overran; any thread asks.
 * Guarded by {@code this}.
 */
final class EventTrace {
    private static final int MAX_RUNS = 200;
    private static final int MAX_EMITTED = 50;
    private static final int MAX_FAILURE = 300;

    private final Message message;
    private final List<String> parkedFor;
    private final boolean wasParked;
    private final List<OpenTrace> followers;
    private final Ticker ticker;
    private final Instant received;
    private final Optional<Duration> queued;
    private final long beganNanos;

    private final List<Run> runs = new ArrayList<>();
    private long endedNanos;
    private boolean isOver;

    /** The turn of an event has come: its time in the queue is known still. */
    EventTrace(
            Dispatch dispatch, List<String> parkedFor, List<OpenTrace> followers, Ticker ticker, InstantSource clock) {
        this.message = dispatch.message;
        this.wasParked = dispatch.wasParked();
        this.parkedFor = parkedFor;
        this.followers = followers;
        this.ticker = ticker;
        this.beganNanos = ticker.nanos();
        this.queued = dispatch.sinceNanos == EventSource.UNKNOWN
                ? Optional.empty()
                : Optional.of(Duration.ofNanos(Math.max(0, beganNanos - dispatch.sinceNanos)));
        this.received = clock.instant().minus(queued.orElse(Duration.ZERO));
    }

    /**
     * Runs a handler and notes it.
     *
     * @param call what calls it; {@code null} if it has left and is not called
     * @return why its service could not be had; {@code null} if it was called, or has left
     */
    Throwable run(Worker worker, Handler handler, EventContext context, HandlerCall call) {
        Run run = begin(handler, worker.thread.getName());
        if (call == null) {
            run.end(Result.LEFT);
            return null;
        }
        worker.traced = run;
        Throwable missed = null;
        try {
            missed = call.call(handler, context);
            return missed;
        } finally {
            worker.traced = null;
            if (missed != null) {
                run.fail(missed);
            }
            run.end(missed == null ? Result.ENDED : Result.UNAVAILABLE);
        }
    }

    /** What the calling worker runs has thrown this. Does nothing if it is not traced. */
    static void failed(Throwable failure) {
        Worker worker = Worker.current();
        if (worker != null && worker.traced != null) {
            worker.traced.fail(failure);
        }
    }

    private synchronized Run begin(Handler handler, String thread) {
        Run run = new Run(handler, thread, ticker.nanos());
        if (runs.size() < MAX_RUNS) {
            runs.add(run);
        }
        return run;
    }

    /** A handler is not waited for any more. */
    synchronized void overran(Handler handler) {
        runs.stream().filter(run -> run.handler == handler).forEach(run -> run.end(Result.TIMED_OUT));
    }

    /** Every handler has ended or overrun. */
    void ended() {
        synchronized (this) {
            endedNanos = ticker.nanos();
            isOver = true;
        }
        followers.forEach(follower -> follower.ended(this));
    }

    /** How it stands. */
    synchronized TracedEvent snapshot(boolean withMessage) {
        long now = isOver ? endedNanos : ticker.nanos();
        return new TracedEvent(
                message.tract(),
                message.event(),
                received,
                queued,
                wasParked,
                Duration.ofNanos(now - beganNanos),
                runs.stream().map(run -> run.snapshot(now)).toList(),
                parkedFor,
                withMessage ? Optional.of(message) : Optional.empty());
    }

    /** One handler's run. */
    final class Run {
        private final Handler handler;
        private final String thread;
        private final long sinceNanos;
        private final List<String> emitted = new ArrayList<>();
        private long emittedMore;
        private long endNanos;
        private Result result = Result.RUNNING;
        private String failure = "";

        private Run(Handler handler, String thread, long sinceNanos) {
            this.handler = handler;
            this.thread = thread;
            this.sinceNanos = sinceNanos;
        }

        /** It emitted this. */
        void emitted(Message its) {
            synchronized (EventTrace.this) {
                if (emitted.size() < MAX_EMITTED) {
                    emitted.add(its.toString());
                } else {
                    emittedMore++;
                }
            }
        }

        private void fail(Throwable thrown) {
            String text = Printable.of(StackText.error(thrown), MAX_FAILURE); // without the lock: foreign code
            synchronized (EventTrace.this) {
                failure = text;
            }
        }

        /** It is over. What overran stays so, however it ends. */
        private void end(Result how) {
            synchronized (EventTrace.this) {
                if (result == Result.RUNNING) {
                    result = how == Result.ENDED && !failure.isEmpty() ? Result.FAILED : how;
                    endNanos = ticker.nanos();
                }
            }
        }

        private TracedEvent.Call snapshot(long nowNanos) {
            return new TracedEvent.Call(
                    handler.serviceId(),
                    handler.owner().app(),
                    handler.name(),
                    Duration.ofNanos(sinceNanos - beganNanos),
                    Duration.ofNanos(Math.max(0, (result == Result.RUNNING ? nowNanos : endNanos) - sinceNanos)),
                    result,
                    failure,
                    thread,
                    emitted,
                    emittedMore);
        }
    }
}
