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
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

import org.callosum.core.EventSource;
import org.callosum.core.InvocationStatus;
import org.callosum.core.dispatch.Invocation.State;

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

    private final Lead lead;
    private final Parking parking;
    private final HandlerCall call;
    private final Delays delays;
    private final HoldUp holdUp;
    private final Ticker ticker;
    private final InstantSource clock;
    private final Reports reports;
    private final Watchdog watchdog;
    private final Crew crew;
    private final Leadership leadership;

    private final ReentrantLock lock = new ReentrantLock();

    /** Says that something ended that somebody may wait for. */
    private final Condition settled = lock.newCondition();

    /** Services to be got, the oldest first. */
    private final Deque<Invocation> pending = new ArrayDeque<>();

    /** How often the watchdog has looked. Written with the lock held, read by the leader. */
    private volatile int looks;

    private Settings settings;
    private boolean running;

    /** Whether somebody waits for the end: nobody listens any more. */
    private boolean stopping;

    /** How many threads wait in {@link #close} or {@link #stop}. */
    private int waiting;

    /**
     * Workers, not started.
     *
     * @param parking is told of a handler whose service cannot be had, or that hangs again and again
     * @param holdUp says when events wait too long
     * @param reports takes what the log is told
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
            Reports reports) {
        this.lead = lead;
        this.settings = settings;
        this.parking = parking;
        this.call = call;
        this.delays = delays;
        this.reports = reports;
        this.holdUp = holdUp;
        this.ticker = ticker;
        this.clock = clock;
        this.crew = new Crew(lock, this::live);
        this.leadership = new Leadership(ticker);
        this.watchdog = new Watchdog(lock, new WatchdogDuty(), reports);
    }

    /** Starts the watchdog; workers start as they are needed. Does nothing if it runs. */
    void start() {
        lock.lock();
        try {
            if (!running) {
                watchdog.start(); // first: there may be no thread to be had, and then nobody runs
                running = true;
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
            awaitWhile(() -> !leadership.isResting() || !pending.isEmpty() || crew.isBusyBut(self));
            running = false;
            stopping = false;
            crew.shrink(0);
            crew.interruptWrittenOff();
            ended = watchdog.stop();
        } finally {
            lock.unlock();
        }
        Watchdog.join(ended);
    }

    /** Applies other settings, to what runs now too. */
    void apply(Settings changed) {
        lock.lock();
        try {
            settings = changed;
            assign();
            crew.shrink(running ? settings.workers() : 0);
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
            leadership.wake();
            if (running && leadership.isResting()) {
                leadership.await(null);
                assign();
            }
            isToBeRecalled =
                    leadership.isListening() && leadership.leader() != Worker.current(); // which looks by itself
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
                crew.retire(handler.owner().bundleId());
            }
            isToBeRecalled = leadership.isListening() && leadership.leader().ending;
            if (isToBeRecalled) {
                leadership.wake();
            }
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
            Worker leader = leadership.leader();
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
        List<Worker> held;
        lock.lock();
        try {
            held = crew.held();
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
            return TimeLimit.countWrittenOff(handler);
        } finally {
            lock.unlock();
        }
    }

    // For the worker that leads.

    /** The event that is under way; {@code null} if the next one is to be found. Called once, by a worker that begins to lead. */
    Dispatch takeOver() {
        lock.lock();
        try {
            return leadership.takeOver();
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
            if (leadership.leader() == worker) {
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
            leadership.settle(dispatch);
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
            leadership.listen();
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
            leadership.listened();
            watchdog.notice();
        } finally {
            lock.unlock();
        }
    }

    /** Whether there may be something to do. */
    boolean isWoken() {
        return leadership.isWoken();
    }

    /** There is nothing to do. Whether that is still so: then the worker leads no more. */
    boolean rest() {
        lock.lock();
        try {
            if (!leadership.rest()) {
                return false;
            }
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
            leadership.leader().forget();
            leadership.await(dispatch);
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
            } else if (refused) {
                ended.handler.countUnavailable(); // for who dispatched it is invoked
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
            return leadership.leader() == worker;
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
                    long ran = ticker.nanos() - ended.sinceNanos;
                    late = ended.label() + " ended after " + Incidents.seconds(ran)
                            + ", long after its time limit: its worker had been replaced"
                            + Incidents.elapsed(ended.keyValues(), ran);
                    crew.leave(worker);
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
                crew.leave(worker);
                assign();
                return false;
            }
            crew.rest(worker);
            assign(); // this one first, if there is anything to do
            if (crew.leaveIfTooMany(worker, settings.workers())) {
                return false;
            }
            while (leadership.leader() != worker && worker.invocation == null && !worker.ending) {
                worker.wake.awaitUninterruptibly();
            }
            return leadership.leader() == worker;
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
        if (possible && leadership.isWaiting() && mayLead(now)) {
            possible = giveLead();
        }
        while (possible && !pending.isEmpty() && mayPrepare(now)) {
            possible = giveFirst(now);
        }
        if (!leadership.isIdle() || !pending.isEmpty()) {
            watchdog.notice();
        }
    }

    private boolean mayLead(long now) {
        int busy = crew.busyForEvents();
        Dispatch waits = leadership.current();
        return busy < settings.workers()
                || waits != null
                        && busy < settings.workers() + MAX_EXTRA
                        && now - waits.waitingSinceNanos >= settings.patienceNanos();
    }

    /** Beside the handlers that run for events, so that neither waits for the other. */
    private boolean mayPrepare(long now) {
        int busy = crew.busyPreparing();
        return busy < settings.workers()
                || busy < settings.workers() + MAX_EXTRA && now - pending.peek().sinceNanos >= settings.patienceNanos();
    }

    /** Gives a worker the lead. Whether there was one: if the machine gives no thread now, the watchdog tries again. */
    private boolean giveLead() {
        Worker worker = crew.call();
        if (worker == null) {
            return false;
        }
        leadership.begin(worker);
        watchdog.notice();
        return true;
    }

    /** Gives a worker the oldest of what is pending. Whether there was one. */
    private boolean giveFirst(long now) {
        Worker worker = crew.call();
        if (worker == null) {
            return false;
        }
        Invocation first = pending.poll();
        first.handler.invocations.remove(first);
        worker.begin(first, now);
        watchdog.notice();
        return true;
    }

    /** Takes what the leader runs, if it is still the run with this number; the lead goes on without it. */
    private boolean take(long number) {
        Invocation taken = leadership.leader().take(number);
        if (taken == null) {
            return false;
        }
        taken.dispatch.open++;
        lead.leave(); // whoever leads next does not know that the worker had listened
        leadership.await(taken.dispatch);
        assign();
        return true;
    }

    /** Takes what the leader runs if it is one of these handlers. */
    private void takeFrom(Collection<Handler> handlers) {
        boolean isTaken = false;
        Worker leader = leadership.leader();
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

    /** Nobody waits for the invocation any more. */
    private void settle(Invocation invocation) {
        Dispatch dispatch = invocation.dispatch;
        if (dispatch != null && --dispatch.open == 0) {
            leadership.settled(dispatch); // the caller has it assigned
        }
        if (waiting > 0) {
            settled.signalAll();
        }
    }

    private Worker self() {
        Worker worker = Worker.current();
        return worker != null && crew.has(worker) ? worker : null;
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
        private final Incidents incidents = new Incidents(reports);
        private final TimeLimit timeLimit = new TimeLimit(lock, crew, parking, call, delays, incidents, clock);
        private final HoldUpWatch holdUpWatch =
                new HoldUpWatch(holdUp, lead::underWay, Workers.this::slow, this::loop, incidents, ticker.nanos());

        /**
         * Takes what has run for a moment from the leader, writes off what overran, names the threads of what runs for long, and
         * gives workers to what waits for long.
         */
        @Override
        public void look(List<Runnable> afterwards) {
            looks++;
            long now = ticker.nanos();
            holdUp.see(lead.underWay(), now);
            if (leadership.isLed()) {
                watchLeader(now, afterwards);
            }
            for (Worker worker : crew.busy()) {
                if (timeLimit.look(worker, now, settings, afterwards)) {
                    settle(worker.invocation);
                }
            }
            assign();
            if (!leadership.isIdle() && !settings.holdUp().isZero() && holdUpWatch.isDue(now)) {
                long limit = settings.holdUp().toNanos();
                afterwards.add(() -> holdUpWatch.look(now, limit));
            }
        }

        private void watchLeader(long now, List<Runnable> afterwards) {
            Worker leader = leadership.leader();
            switch (LeaderWatch.look(leader, now)) {
                case RUNS -> {
                    Handler slow = leader.handlerUnsafe();
                    if (take(leader.seen)) {
                        slow.isSlow = true;
                    }
                }
                case AWAY -> lead.leave(); // others bring the events
                case STUCK -> afterwards.add(() -> incidents.stuck(LeaderWatch.STUCK_NANOS, leader.thread));
                case GETS_ON, NOTHING_NEW -> {}
            }
        }

        /** The thread that leads; {@code null} if none does. Takes the lock. */
        private Thread loop() {
            lock.lock();
            try {
                Worker leader = leadership.leader();
                return leader == null ? null : leader.thread;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public boolean isActive() {
            return !leadership.isIdle() || !pending.isEmpty() || crew.isBusyBut(null);
        }
    }
}
