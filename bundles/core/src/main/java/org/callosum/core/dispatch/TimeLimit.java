// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

import org.callosum.core.dispatch.Invocation.State;

/**
 * The time limit on what workers run: writes off what overruns, reports what is past its soft limit, and has a handler that hangs
 * again and again in quarantine.
 *
 * <p><b>Threads.</b> The watchdog looks, with the lock of {@link Workers} held; it reports without it, for a stack trace stops
 * its thread at a safepoint, and not while everybody waits.
 */
final class TimeLimit {
    private final ReentrantLock lock;
    private final Crew crew;
    private final Parking parking;
    private final HandlerCall call;
    private final Delays delays;
    private final Incidents incidents;
    private final InstantSource clock;

    TimeLimit(
            ReentrantLock lock,
            Crew crew,
            Parking parking,
            HandlerCall call,
            Delays delays,
            Incidents incidents,
            InstantSource clock) {
        this.lock = lock;
        this.crew = crew;
        this.parking = parking;
        this.call = call;
        this.delays = delays;
        this.incidents = incidents;
        this.clock = clock;
    }

    /**
     * Looks at a worker that runs something. Whether it has overrun and is written off now: then nobody waits for its invocation
     * any more.
     *
     * @param afterwards takes what is to be done at once, without the lock
     */
    boolean look(Worker worker, long now, Settings settings, List<Runnable> afterwards) {
        Invocation invocation = worker.invocation;
        if (invocation.state != State.RUNNING) {
            return false; // it has ended, and is about to say so
        }
        worker.name();
        long ran = now - invocation.sinceNanos;
        long limit = settings.limitNanos(invocation.handler);
        if (ran >= limit) {
            writeOff(worker, now, settings);
            afterwards.add(() -> {
                Incidents.Sight sight = sight(worker, invocation, now);
                invocation.handler.times().overran(clock.instant(), sight.stack());
                incidents.overran(sight);
                call.overran(invocation.handler, invocation.context);
            });
            return true;
        }
        if (ran >= settings.softNanos(invocation.handler) && !invocation.isSlow) {
            invocation.isSlow = true;
            afterwards.add(() -> incidents.slow(sight(worker, invocation, now), limit));
        }
        return false;
    }

    private void writeOff(Worker worker, long now, Settings settings) {
        Invocation invocation = worker.invocation;
        Handler handler = invocation.handler;
        crew.writeOff(worker);
        invocation.state = State.OVERRUN;
        handler.countTimeout();
        if (invocation.dispatch != null) {
            if (invocation.dispatch.trace() != null) {
                invocation.dispatch.trace().overran(handler);
            }
            handler.times().record(now - invocation.sinceNanos, invocation.context.msg(), 1);
            delays.add(invocation, now);
            handler.timeoutsInARow++;
            if (settings.quarantine().isMet(handler.timeoutsInARow, countWrittenOff(handler), crew.writtenOff())) {
                parking.quarantines().begin(handler, settings.quarantine()); // before the next event is admitted
            }
        }
        if (settings.interrupts()) {
            worker.thread.interrupt();
        }
    }

    /** How many runs of a handler overran and are still alive. With the lock held. */
    static long countWrittenOff(Handler handler) {
        return handler.invocations.stream()
                .filter(invocation -> invocation.state == State.OVERRUN)
                .count();
    }

    /** What an invocation looks like. Without the lock. */
    private Incidents.Sight sight(Worker worker, Invocation invocation, long now) {
        String thread = worker.thread.getName();
        return new Incidents.Sight(
                invocation.handler,
                invocation.label(),
                invocation.keyValues(),
                now,
                now - invocation.sinceNanos,
                thread,
                stack(worker, invocation));
    }

    /** Where an invocation is; empty if it has ended. */
    private List<StackTraceElement> stack(Worker worker, Invocation invocation) {
        List<StackTraceElement> stack = Stacks.of(worker.thread);
        lock.lock();
        try {
            invocation.place = stack.isEmpty() ? "" : place(stack.get(0));
            return worker.invocation == invocation ? stack : List.of();
        } finally {
            lock.unlock();
        }
    }

    private static String place(StackTraceElement frame) {
        String type = frame.getClassName();
        return type.substring(type.lastIndexOf('.') + 1) + "." + frame.getMethodName();
    }
}
