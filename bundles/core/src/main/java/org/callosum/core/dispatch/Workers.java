// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

import org.callosum.core.EventSource;
import org.callosum.core.InvocationStatus;
import org.callosum.core.dispatch.Invocation.State;
import org.osgi.service.log.Logger;

/**
 * The threads that run handlers, and the time limit on them.
 *
 * <p>One worker leads: it runs the handlers of one event after the other, and one event after the other, without a lock. When a
 * handler has run for a moment, the watchdog takes its run from the worker, and another worker leads on, with the event's next
 * handler; so handlers run side by side whenever one is slow. An event is over when none of its runs is open any more.
 *
 * <p>A handler's clock starts when it starts. One that overruns is not waited for any more: its worker is written off, runs on,
 * and ends with the handler. When as many handlers run as may side by side, and an event has waited for a tenth of the time limit
 * to go on, it gets an extra worker (at most {@value #MAX_EXTRA}), so that the handlers of one event that all hang hold it up for
 * little more than one time limit.
 *
 * <p>While events come one by one, the worker that leads waits for them where they come from, and brings them itself
 * ({@link EventSource#listen}): no thread has to wake another one then. It does so no more as soon as a handler or a burst keeps
 * it for long.
 *
 * <p><b>Threads.</b> Any thread may call any method, but for those that a leading worker calls. One lock guards everything; it is
 * held for moments and never while a handler, a log or anything else that is foreign is called.
 */
final class Workers {
    /** How many workers there may be beyond the configured number. */
    static final int MAX_EXTRA = 64;

    /** When the one that leads is reported because it goes on with nothing. */
    private static final long STUCK_NANOS = 5_000_000_000L;

    /** And how often it was seen so: a machine that slept makes no report. */
    private static final int STUCK_LOOKS = 1_000;

    /** What the worker that leads does, until it leads no more. */
    interface Lead {
        /** Runs handlers. Returns when the worker has nothing to run, or what it ran was taken from it and has ended. */
        void lead(Worker worker);

        /** Whether a handler that is out of the routes has its turn still to come, in the event under way. Asked by any thread. */
        boolean isToCome(Handler handler);

        /** The event under way; {@code null} if there is none. Asked by any thread. */
        Dispatch underWay();

        /** Has the worker that listens come back. Called by any thread, without the lock. */
        void recall();

        /** The worker that listened last will not do so again soon. Called by any thread. */
        void leave();
    }

    /** Where the lead is. */
    private enum Phase {
        /** Nothing is to be done. */
        RESTING,
        /** Nothing is to be done, and the worker that leads waits for it where it comes from. */
        LISTENING,
        /** There is something to do, and no worker that may. */
        WAITING,
        /** A worker leads. */
        LED,
        /** All handlers of an event have been called, and some still run. */
        SETTLING
    }

    private final Lead lead;
    private final Parking parking;
    private final HandlerCall call;
    private final Delays delays;
    private final Incidents incidents;
    private final HoldUp holdUp;
    private final Ticker ticker;
    private final InstantSource clock;
    private final Reports reports;
    private final Watchdog watchdog;

    private final ReentrantLock lock = new ReentrantLock();

    /** Says that something ended that somebody may wait for. */
    private final Condition settled = lock.newCondition();

    /** Services to be got, the oldest first. */
    private final Deque<Invocation> pending = new ArrayDeque<>();

    /** Workers that have nothing to do, the one that became idle last on top: its caches are warm. */
    private final Deque<Worker> idle = new ArrayDeque<>();

    /** All workers but those that are written off. */
    private final Set<Worker> workers = new HashSet<>();

    /** Workers whose handlers overran and still run, in the order in which they were written off. */
    private final List<Worker> writtenOff = new ArrayList<>();

    /** How often the watchdog has looked. Written with the lock held, read by the leader. */
    private volatile int looks;

    private Phase phase = Phase.RESTING;

    /** Who leads; {@code null} unless somebody does. */
    private Worker leader;

    /** The event that waits for a worker, or to be settled; {@code null} if the next one is to be found. */
    private Dispatch current;

    /** Whether there may be something to do that the leader has not seen. */
    private volatile boolean woken;

    private Settings settings;
    private boolean running;

    /** Whether somebody waits for the end: nobody listens any more. */
    private boolean stopping;

    private int lastNumber;

    /** How many threads wait in {@link #close} or {@link #stop}. */
    private int waiting;

    /**
     * Workers, not started.
     *
     * @param parking is told of a handler whose service cannot be had, or that hangs again and again
     * @param holdUp says when events wait too long
     */
    Workers(
            Lead lead,
            Settings settings,
            Parking parking,
            HandlerCall call,
            Delays delays,
            HoldUp holdUp,
            Ticker ticker,
            InstantSource clock,
            Logger logger) {
        this.lead = lead;
        this.settings = settings;
        this.parking = parking;
        this.call = call;
        this.delays = delays;
        this.reports = new Reports(logger);
        this.incidents = new Incidents(reports);
        this.holdUp = holdUp;
        this.ticker = ticker;
        this.clock = clock;
        this.watchdog = new Watchdog(lock, new WatchdogDuty(), reports);
    }

    /** Starts the watchdog; workers start as they are needed. Does nothing if it runs. */
    void start() {
        lock.lock();
        try {
            if (!running) {
                running = true;
                reports.start();
                watchdog.start();
            }
        } finally {
            lock.unlock();
        }
        wake();
    }

    /**
     * Waits until nothing runs that is waited for, but for what the calling thread runs itself, then ends all idle workers and
     * the watchdog. What is written off is interrupted: nobody is left to watch it. Does nothing if it is stopped. There has to
     * be nothing to do any more for the one that leads.
     */
    void stop() {
        Thread ended;
        lock.lock();
        try {
            if (!running) {
                return;
            }
            stopping = true;
        } finally {
            lock.unlock();
        }
        wake();
        lock.lock();
        try {
            Worker self = self();
            awaitWhile(() -> phase != Phase.RESTING
                    || !pending.isEmpty()
                    || workers.stream().anyMatch(worker -> worker != self && worker.invocation != null));
            running = false;
            stopping = false;
            endSurplus();
            writtenOff.forEach(worker -> worker.thread.interrupt());
            ended = watchdog.stop();
        } finally {
            lock.unlock();
        }
        Watchdog.join(ended);
        reports.stop(); // behind all who report
    }

    /** Applies other settings, to what runs now too. */
    void apply(Settings changed) {
        lock.lock();
        try {
            settings = changed;
            assign();
            endSurplus();
            watchdog.lookNow();
        } finally {
            lock.unlock();
        }
    }

    /** Says that there is something to do for the one that leads. */
    void wake() {
        boolean isToBeRecalled;
        lock.lock();
        try {
            woken = true;
            if (running && phase == Phase.RESTING) {
                wait(null);
                assign();
            }
            isToBeRecalled = phase == Phase.LISTENING && leader != Worker.current(); // which looks by itself
        } finally {
            lock.unlock();
        }
        if (isToBeRecalled) {
            lead.recall();
        }
    }

    /** Gets the handler's service on a worker, without waiting for it. */
    void prepare(Handler handler) {
        lock.lock();
        try {
            if (running && !handler.closed) {
                Invocation invocation = new Invocation(handler, null, null, ticker.nanos());
                handler.invocations.add(invocation);
                pending.add(invocation);
                assign();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes no new invocation of these handlers, which are out of the routes, but for the event under way, and waits for those
     * that there are, up to the time limit in all. What then still runs is interrupted, but for what the calling thread runs
     * itself; what is still pending is cancelled. Each worker that ever ran something of the handlers' bundles is retired.
     */
    void close(Collection<Handler> handlers) {
        boolean isToBeRecalled;
        lock.lock();
        try {
            Worker self = self();
            long deadline = ticker.nanos()
                    + handlers.stream().mapToLong(settings::limitNanos).max().orElse(0);
            awaitWhile(() -> ticker.nanos() - deadline < 0 && handlers.stream().anyMatch(lead::isToCome));
            handlers.forEach(handler -> handler.closed = true);
            takeFrom(handlers);
            awaitWhile(() -> ticker.nanos() - deadline < 0
                    && handlers.stream()
                            .flatMap(handler -> handler.invocations.stream())
                            .anyMatch(invocation -> invocation.state != State.OVERRUN
                                    && (invocation.worker == null || invocation.worker != self)));
            for (Handler handler : handlers) {
                List.copyOf(handler.invocations).forEach(invocation -> cut(invocation, self));
                retire(handler.owner().bundleId());
            }
            isToBeRecalled = phase == Phase.LISTENING && leader.ending;
            woken |= isToBeRecalled;
        } finally {
            lock.unlock();
        }
        if (isToBeRecalled) {
            lead.recall(); // it is retired
        }
    }

    /** Whether the calling thread is one of these workers. */
    boolean isWorker() {
        lock.lock();
        try {
            return self() != null;
        } finally {
            lock.unlock();
        }
    }

    /** When the time limit of the run that asks is over; {@link Instant#MAX} if no handler of these workers asks. */
    Instant deadline() {
        Worker worker = Worker.current();
        if (worker == null || worker.handling() == null) {
            return Instant.MAX;
        }
        lock.lock();
        try {
            long left = worker.sinceNanosOfOwn() + settings.limitNanos(worker.handlerOfOwn()) - ticker.nanos();
            return clock.instant().plusNanos(left);
        } finally {
            lock.unlock();
        }
    }

    /** How many invocations of a handler run now. */
    int running(Handler handler) {
        lock.lock();
        try {
            int taken = (int) handler.invocations.stream()
                    .filter(invocation -> invocation.state != State.PENDING)
                    .count();
            return taken + (leader != null && runs(leader, Set.of(handler)) != 0 ? 1 : 0);
        } finally {
            lock.unlock();
        }
    }

    /** For how long the event under way has been so, as the watchdog saw it. */
    Duration underWay() {
        lock.lock();
        try {
            return Duration.ofNanos(holdUp.handledNanos(lead.underWay(), ticker.nanos()));
        } finally {
            lock.unlock();
        }
    }

    /** What takes long and still runs, the oldest first. */
    List<InvocationStatus> slow() {
        List<Worker> held = new ArrayList<>();
        lock.lock();
        try {
            held.addAll(writtenOff);
            workers.stream().filter(worker -> worker.invocation != null).forEach(held::add);
        } finally {
            lock.unlock();
        }
        List<InvocationStatus> all = new ArrayList<>();
        for (Worker worker : held) {
            // A stack trace stops its thread at a safepoint: not while everybody waits for the lock.
            List<StackTraceElement> stack = Stacks.of(worker.thread);
            lock.lock();
            try {
                if (worker.invocation != null) {
                    all.add(worker.status(ticker.nanos(), stack));
                }
            } finally {
                lock.unlock();
            }
        }
        all.sort(Comparator.comparing(InvocationStatus::running).reversed());
        return all;
    }

    /** How many runs of a handler overran and are still alive. */
    long writtenOff(Handler handler) {
        lock.lock();
        try {
            return countWrittenOff(handler);
        } finally {
            lock.unlock();
        }
    }

    // For the worker that leads.

    /** The event that is under way; {@code null} if the next one is to be found. Called once, by a worker that begins to lead. */
    Dispatch takeOver() {
        lock.lock();
        try {
            Dispatch taken = current;
            current = null;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Changes whenever the watchdog looks, which it does every millisecond while a worker leads. */
    int looks() {
        return looks;
    }

    /**
     * The calling worker, which leads, has begun a run that takes long, as far as one knows: the event's next handlers do not
     * wait until the watchdog sees it.
     */
    void passAhead(Worker worker) {
        lock.lock();
        try {
            if (leader == worker) {
                take(worker.state());
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether no run of the event is open any more. If some is, the worker leads no more. */
    boolean isSettled(Dispatch dispatch) {
        lock.lock();
        try {
            if (dispatch.open == 0) {
                return true;
            }
            phase = Phase.SETTLING;
            current = dispatch;
            leader = null;
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** There is nothing to do. Whether the worker may wait for it where it comes from, until {@link #isWoken}. */
    boolean listen(Worker worker) {
        lock.lock();
        try {
            if (stopping || worker.ending) {
                return false;
            }
            phase = Phase.LISTENING;
            worker.forget();
            if (waiting > 0) {
                settled.signalAll();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The worker that listened leads on. */
    void listened() {
        lock.lock();
        try {
            phase = Phase.LED;
            woken = false; // it looks now
            watchdog.notice();
        } finally {
            lock.unlock();
        }
    }

    /** Whether there may be something to do. */
    boolean isWoken() {
        return woken;
    }

    /** There is nothing to do. Whether that is still so: then the worker leads no more. */
    boolean rest() {
        lock.lock();
        try {
            if (woken) {
                woken = false;
                return false;
            }
            phase = Phase.RESTING;
            leader.forget();
            leader = null;
            settled.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The worker, which is to end, leads no more; another one does.
     *
     * @param dispatch the event to go on with; {@code null} if it is to be found
     */
    void passOn(Dispatch dispatch) {
        lock.lock();
        try {
            leader.forget();
            leader = null;
            wait(dispatch);
            assign();
        } finally {
            lock.unlock();
        }
    }

    /**
     * A run that was taken from the calling worker has ended.
     *
     * @param refused whether the handler was closed before it was called
     * @param missed why the handler's service could not be had; {@code null} if it was called, or refused
     */
    void ended(Worker worker, boolean refused, Throwable missed) {
        Invocation ended;
        boolean isRefused;
        lock.lock(); // whoever took it may be about to say what it has become
        try {
            ended = worker.invocation;
            boolean isLate = ended.state == State.OVERRUN; // who dispatched did not wait to see what it came to
            isRefused = !isLate && (refused || missed != null && parking.absent(ended.handler));
            if (isRefused) {
                ended.dispatch.refuseLate(ended.handler);
            }
            if (!isLate) {
                ended.state = State.ENDED; // not to be written off any more, and still waited for
            }
        } finally {
            lock.unlock();
        }
        if (missed != null && !isRefused) {
            call.missed(ended.handler, ended.context, missed);
        }
    }

    // All below is called with the lock held, but for the workers' own methods, which take it.

    /** A worker's life. */
    private void live(Worker worker) {
        boolean leads = isLeader(worker);
        do {
            if (leads) {
                lead.lead(worker);
            } else {
                prepare(worker.invocation);
            }
            leads = next(worker);
        } while (leads || worker.invocation != null);
    }

    private boolean isLeader(Worker worker) {
        lock.lock();
        try {
            return leader == worker;
        } finally {
            lock.unlock();
        }
    }

    private void prepare(Invocation invocation) {
        Handler handler = invocation.handler;
        Throwable missed = HandlerCall.prepare(handler);
        if (missed != null && (handler.isHad() || !parking.absent(handler))) {
            call.missed(handler, null, missed);
        }
    }

    /**
     * Ends what the worker ran, and gives it something to do. Whether it is to lead; if not, and it has no invocation, it is to
     * end.
     */
    private boolean next(Worker worker) {
        String late = null;
        lock.lock();
        try {
            Invocation ended = worker.invocation;
            if (ended != null) {
                if (ended.state == State.OVERRUN) {
                    late = ended.label() + " ended after " + Incidents.seconds(ticker.nanos() - ended.sinceNanos)
                            + ", long after its time limit: its worker had been replaced";
                    writtenOff.remove(worker);
                    end(ended);
                    worker.endInvocation();
                    return false;
                }
                end(ended);
                if (ended.dispatch != null) {
                    inTime(ended);
                }
                worker.endInvocation();
                worker.forget();
            }
            // An interrupt of the handler that just ended is not meant for the next one.
            Thread.interrupted();
            if (!running || worker.ending) {
                workers.remove(worker);
                assign();
                return false;
            }
            idle.push(worker);
            assign(); // this one first, if there is anything to do
            if (workers.size() > settings.workers() && idle.remove(worker)) {
                workers.remove(worker);
                return false;
            }
            while (leader != worker && worker.invocation == null && !worker.ending) {
                worker.wake.awaitUninterruptibly();
            }
            return leader == worker;
        } finally {
            lock.unlock();
            if (late != null) {
                String line = late;
                reports.add(log -> log.warn(line)); // behind the line that it overran
            }
        }
    }

    /** Gives the lead and what is pending to workers, as far as there may be more that run something. */
    private void assign() {
        long now = ticker.nanos();
        boolean possible = running;
        if (phase == Phase.WAITING && possible && mayLead(now)) {
            possible = give(null, now);
        }
        while (possible && !pending.isEmpty() && mayPrepare(now)) {
            Invocation first = pending.poll();
            possible = give(first, now);
            if (!possible) {
                pending.addFirst(first);
            }
        }
        if (!isIdle() || !pending.isEmpty()) {
            watchdog.notice();
        }
    }

    /** Whether no event is under way, and none is known to wait. */
    private boolean isIdle() {
        return phase == Phase.RESTING || phase == Phase.LISTENING;
    }

    private boolean mayLead(long now) {
        long busy = workers.stream().filter(Workers::runsForAnEvent).count();
        return busy < settings.workers()
                || current != null
                        && busy < settings.workers() + MAX_EXTRA
                        && now - current.waitingSinceNanos >= settings.patienceNanos();
    }

    /** Beside the handlers that run for events, so that neither waits for the other. */
    private boolean mayPrepare(long now) {
        long busy = workers.stream()
                .filter(worker -> worker.invocation != null && !runsForAnEvent(worker))
                .count();
        return busy < settings.workers()
                || busy < settings.workers() + MAX_EXTRA && now - pending.peek().sinceNanos >= settings.patienceNanos();
    }

    private static boolean runsForAnEvent(Worker worker) {
        return worker.invocation != null && worker.invocation.dispatch != null;
    }

    /**
     * Gives a worker an invocation, or the lead if that is {@code null}. Whether there was one: if the machine gives no thread
     * now, the watchdog tries again.
     */
    private boolean give(Invocation invocation, long now) {
        Worker worker = idle.poll();
        boolean isNew = worker == null;
        if (isNew) {
            Worker[] self = new Worker[1];
            worker = new Worker(++lastNumber, lock.newCondition(), () -> live(self[0]));
            self[0] = worker;
            workers.add(worker);
        }
        if (invocation == null) {
            leader = worker;
        } else {
            handsOver(invocation, worker, now);
        }
        if (!isNew) {
            worker.wake.signal();
        } else if (!start(worker)) {
            return false;
        }
        if (invocation == null) {
            phase = Phase.LED;
            woken = false; // it will see all that there is
        }
        watchdog.notice();
        return true;
    }

    private static void handsOver(Invocation invocation, Worker worker, long now) {
        invocation.handler.invocations.remove(invocation);
        worker.begin(invocation, now);
    }

    private boolean start(Worker worker) {
        try {
            worker.thread.start();
            return true;
        } catch (OutOfMemoryError noThread) {
            workers.remove(worker);
            Invocation invocation = worker.invocation;
            if (invocation != null) {
                invocation.state = State.PENDING;
                invocation.worker = null;
            } else {
                leader = null;
            }
            return false;
        }
    }

    /** The lead has no worker. */
    private void wait(Dispatch dispatch) {
        phase = Phase.WAITING;
        current = dispatch;
        if (dispatch != null && dispatch.waitingSinceNanos == 0) {
            dispatch.waitingSinceNanos = ticker.nanos();
        }
    }

    /** Takes what the leader runs, if it is still the run with this number; the lead goes on without it. */
    private boolean take(long number) {
        Worker worker = leader;
        Invocation taken = worker.take(number);
        if (taken == null) {
            return false;
        }
        taken.dispatch.open++;
        lead.leave(); // whoever leads next does not know that the worker had listened
        leader = null;
        wait(taken.dispatch);
        assign();
        return true;
    }

    /** Takes what the leader runs if it is one of these handlers. */
    private void takeFrom(Collection<Handler> handlers) {
        boolean isTaken = false;
        long number = leader == null ? 0 : runs(leader, handlers);
        while (number != 0 && !isTaken) {
            isTaken = take(number);
            number = isTaken ? 0 : runs(leader, handlers);
        }
    }

    /** The number of what a worker runs if it is one of these handlers; 0 if not. */
    private static long runs(Worker worker, Collection<Handler> handlers) {
        while (true) {
            long number = worker.state();
            if ((number & 1) == 0) {
                return 0;
            }
            boolean isOne = handlers.contains(worker.handlerUnsafe());
            if (worker.state() == number) {
                return isOne ? number : 0;
            }
        }
    }

    /** Ends an invocation that nobody waits for any more, as far as that can be done. */
    private void cut(Invocation invocation, Worker self) {
        if (invocation.state == State.PENDING) {
            pending.remove(invocation);
            end(invocation);
        } else if (invocation.worker != self) {
            // Under the lock, so that it hits this invocation and never the worker's next one.
            invocation.worker.thread.interrupt();
        }
    }

    private void end(Invocation invocation) {
        invocation.handler.invocations.remove(invocation);
        if (invocation.state != State.OVERRUN) {
            settle(invocation);
        }
        invocation.state = State.ENDED;
    }

    /** What was taken has ended within its time. */
    private void inTime(Invocation ended) {
        long now = ticker.nanos();
        ended.handler.timed(now - ended.sinceNanos);
        ended.handler.timeoutsInARow = 0;
        ended.handler.times().record(now - ended.sinceNanos, ended.context.msg(), 1);
        delays.add(ended, now);
    }

    private static long countWrittenOff(Handler handler) {
        return handler.invocations.stream()
                .filter(invocation -> invocation.state == State.OVERRUN)
                .count();
    }

    /** Nobody waits for the invocation any more. */
    private void settle(Invocation invocation) {
        Dispatch dispatch = invocation.dispatch;
        if (dispatch != null && --dispatch.open == 0 && phase == Phase.SETTLING) {
            wait(dispatch);
            // Whoever runs none is given the lead by the caller, or here.
        }
        if (waiting > 0) {
            settled.signalAll();
        }
    }

    private void retire(long bundleId) {
        for (Worker worker : List.copyOf(workers)) {
            if (worker.ran(bundleId)) {
                worker.ending = true;
                if (idle.remove(worker)) {
                    workers.remove(worker);
                    worker.wake.signal();
                }
            }
        }
    }

    /** Ends idle workers that are too many; all, once it is stopped. */
    private void endSurplus() {
        while (!idle.isEmpty() && (!running || workers.size() > settings.workers())) {
            Worker worker = idle.pollLast();
            workers.remove(worker);
            worker.ending = true;
            worker.wake.signal();
        }
    }

    private Worker self() {
        Worker worker = Worker.current();
        return worker != null && (workers.contains(worker) || writtenOff.contains(worker)) ? worker : null;
    }

    /**
     * Waits until a condition, which is evaluated with the lock held, does not hold any more. What the leader does without the
     * lock nobody signals: so it looks now and then.
     */
    private void awaitWhile(BooleanSupplier condition) {
        boolean interrupted = false;
        waiting++;
        try {
            while (condition.getAsBoolean()) {
                try {
                    settled.awaitNanos(Watchdog.NANOS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            waiting--;
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private final class WatchdogDuty implements Watchdog.Duty {
        /** When it was asked last how long events wait. */
        private long askedNanos = ticker.nanos();

        /**
         * Takes what has run for a moment from the leader, writes off what overran, names the threads of what runs for long, and
         * gives workers to what waits for long.
         */
        @Override
        public void look(List<Runnable> afterwards) {
            looks++;
            long now = ticker.nanos();
            holdUp.see(lead.underWay(), now);
            if (phase == Phase.LED) {
                watchLeader(now, afterwards);
            }
            for (Worker worker : List.copyOf(workers)) {
                Invocation invocation = worker.invocation;
                if (invocation == null || invocation.state != State.RUNNING) {
                    continue;
                }
                worker.name();
                long ran = now - invocation.sinceNanos;
                long limit = settings.limitNanos(invocation.handler);
                if (ran >= limit) {
                    writeOff(worker, now, afterwards);
                } else if (ran >= settings.softNanos(invocation.handler) && !invocation.isSlow) {
                    invocation.isSlow = true;
                    afterwards.add(() -> incidents.slow(sight(worker, invocation, now), limit));
                }
            }
            assign();
            if (!isIdle() && !settings.holdUp().isZero() && now - askedNanos >= HoldUp.ASK_NANOS) {
                askedNanos = now;
                long limit = settings.holdUp().toNanos();
                afterwards.add(() -> watchAge(now, limit));
            }
        }

        /** Called without the lock. */
        private void watchAge(long now, long limit) {
            String text = holdUp.look(lead.underWay(), now, limit);
            if (text == null) {
                return;
            }
            List<InvocationStatus> runs = slow().stream()
                    .filter(run -> run.state() == InvocationStatus.State.SLOW)
                    .toList();
            Thread loop = loop();
            String holders = runs.stream()
                    .map(run -> run.app() + "/" + run.handler() + " on " + run.tract() + "/" + run.event()
                            + " has run for " + Incidents.seconds(run.running().toNanos()))
                    .collect(Collectors.joining(", "));
            if (runs.isEmpty()) {
                holders = loop == null
                        ? "no handler runs, and no worker is there to run one"
                        : "no handler runs for long";
            }
            incidents.heldUp(text + ": " + holders, runs, runs.isEmpty() ? loop : null);
        }

        /** The thread that leads; {@code null} if none does. */
        private Thread loop() {
            lock.lock();
            try {
                return leader == null ? null : leader.thread;
            } finally {
                lock.unlock();
            }
        }

        private void watchLeader(long now, List<Runnable> afterwards) {
            long number = leader.state();
            if (number != leader.seen) {
                leader.seen = number;
                leader.seenNanos = now;
                leader.looks = 0;
            } else if ((number & 1) != 0) {
                Handler slow = leader.handlerUnsafe();
                if (take(number)) {
                    slow.isSlow = true;
                }
            } else if (++leader.looks == 1) {
                lead.leave(); // it does something else for a while: others bring the events
            } else if (leader.looks >= STUCK_LOOKS && now - leader.seenNanos >= STUCK_NANOS) {
                leader.looks = 0;
                leader.seenNanos = now;
                Thread thread = leader.thread;
                afterwards.add(() -> incidents.stuck(STUCK_NANOS, thread));
            }
        }

        private void writeOff(Worker worker, long now, List<Runnable> afterwards) {
            Invocation invocation = worker.invocation;
            Handler handler = invocation.handler;
            long ran = now - invocation.sinceNanos;
            workers.remove(worker);
            writtenOff.add(worker);
            invocation.state = State.OVERRUN;
            handler.countTimeout();
            if (invocation.dispatch != null) {
                if (invocation.dispatch.trace() != null) {
                    invocation.dispatch.trace().overran(handler);
                }
                handler.times().record(ran, invocation.context.msg(), 1);
                delays.add(invocation, now);
                handler.timeoutsInARow++;
                if (settings.quarantine().isMet(handler.timeoutsInARow, countWrittenOff(handler), writtenOff.size())) {
                    parking.quarantine(handler, settings.quarantine()); // before the next event is admitted
                }
            }
            settle(invocation);
            if (settings.interrupts()) {
                worker.thread.interrupt();
            }
            afterwards.add(() -> {
                Incidents.Sight sight = sight(worker, invocation, now);
                handler.times().overran(clock.instant(), sight.stack());
                incidents.overran(sight);
                call.overran(handler, invocation.context);
            });
        }

        /** What an invocation looks like. Called without the lock: a stack trace stops its thread at a safepoint. */
        private Incidents.Sight sight(Worker worker, Invocation invocation, long now) {
            String thread = worker.thread.getName();
            return new Incidents.Sight(
                    invocation.handler,
                    invocation.label(),
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

        @Override
        public boolean isActive() {
            return !isIdle() || !pending.isEmpty() || workers.stream().anyMatch(worker -> worker.invocation != null);
        }
    }
}
