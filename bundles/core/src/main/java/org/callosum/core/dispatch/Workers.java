// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

import org.callosum.core.OverrunStatus;
import org.callosum.core.dispatch.Invocation.State;
import org.osgi.service.log.Logger;

/**
 * The threads that run handlers, and the time limit on them.
 *
 * <p>A handler's clock starts when it starts. One that overruns is not waited for any more: its worker is written off and
 * replaced at once, runs on, and ends with the handler. When all workers have been busy for a tenth of the time limit, a
 * waiting handler gets an extra one (at most {@value #MAX_EXTRA}), so that the handlers of one event that all hang hold it
 * up for little more than one time limit.
 *
 * <p><b>Threads.</b> Any thread may call any method. One lock guards everything; it is held for moments and never while a
 * handler, a log or anything else that is foreign is called.
 */
final class Workers {
    /** How many workers there may be beyond the configured number. */
    static final int MAX_EXTRA = 64;

    private final Predicate<Handler> absence;
    private final Ticker ticker;
    private final Logger logger;
    private final Watchdog watchdog;

    private final ReentrantLock lock = new ReentrantLock();

    /** Says that a dispatch has nothing open any more, or that an invocation ended that somebody waits for. */
    private final Condition settled = lock.newCondition();

    /** Invocations without a worker, the oldest first. */
    private final Deque<Invocation> pending = new ArrayDeque<>();

    /** Workers without an invocation, the one that became idle last on top: its caches are warm. */
    private final Deque<Worker> idle = new ArrayDeque<>();

    /** All workers but those that are written off. */
    private final Set<Worker> workers = new HashSet<>();

    /** Workers whose handlers overran and still run, in the order in which they were written off. */
    private final List<Worker> writtenOff = new ArrayList<>();

    private Settings settings;
    private boolean running;
    private int lastNumber;

    /** How many threads wait in {@link #close} or {@link #stop}. */
    private int waiting;

    /**
     * Workers, not started.
     *
     * @param absence is told of a handler whose service cannot be had, and says whether it is waited for; called by any
     *     thread, without the lock
     */
    Workers(Settings settings, Predicate<Handler> absence, Ticker ticker, Logger logger) {
        this.settings = settings;
        this.absence = absence;
        this.ticker = ticker;
        this.logger = logger;
        this.watchdog = new Watchdog(lock, new WatchdogDuty(), ticker, logger);
    }

    /** Starts the watchdog; workers start as they are needed. Does nothing if it runs. */
    void start() {
        lock.lock();
        try {
            if (!running) {
                running = true;
                watchdog.start();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until nothing runs that is waited for, but for what the calling thread runs itself, then ends all idle workers and
     * the watchdog. What is written off is interrupted: nobody is left to watch it. Does nothing if it is stopped.
     */
    void stop() {
        Thread ended;
        lock.lock();
        try {
            if (!running) {
                return;
            }
            Worker self = current();
            awaitWhile(() -> !pending.isEmpty()
                    || workers.stream().anyMatch(worker -> worker != self && worker.invocation != null));
            running = false;
            endSurplus();
            writtenOff.forEach(worker -> worker.thread.interrupt());
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
            startWorkers();
            endSurplus();
            watchdog.lookNow();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Runs all invocations of an event and returns when each has ended or overrun; how many there were. Handlers that are closed
     * refuse theirs, and so do those whose service cannot be had now and that are waited for.
     */
    int run(Dispatch dispatch) {
        List<Invocation> missed = new ArrayList<>(0);
        int invoked = 0;
        lock.lock();
        try {
            for (Invocation invocation : dispatch.invocations) {
                if (!invocation.handler.closed) {
                    dispatch.open++;
                    invoked++;
                    submit(invocation);
                } else {
                    dispatch.refused.add(invocation.handler);
                }
            }
            while (dispatch.open > 0) {
                settled.awaitUninterruptibly();
            }
            for (Invocation invocation : dispatch.invocations) {
                if (invocation.isMissed() && !invocation.wasLate && invocation.state == State.ENDED) {
                    missed.add(invocation);
                }
            }
        } finally {
            lock.unlock();
        }
        for (Invocation invocation : missed) {
            if (absence.test(invocation.handler)) {
                dispatch.refused.add(invocation.handler);
                invoked--;
            } else {
                invocation.fail(logger);
            }
        }
        return invoked;
    }

    /** Gets the handler's service on a worker, without waiting for it. */
    void prepare(Handler handler) {
        lock.lock();
        try {
            if (running && !handler.closed) {
                submit(new Invocation(handler, null, null));
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes no new invocation of these handlers and waits for those that there are, up to the time limit in all. What then
     * still runs is interrupted, but for what the calling thread runs itself; what is still pending is cancelled. Each worker
     * that ever ran something of the handlers' bundles is retired.
     */
    void close(Collection<Handler> handlers) {
        lock.lock();
        try {
            handlers.forEach(handler -> handler.closed = true);
            settled.signalAll();
            Worker self = current();
            long deadline = ticker.nanos() + settings.timeoutNanos();
            awaitWhile(() -> ticker.nanos() - deadline < 0
                    && handlers.stream()
                            .flatMap(handler -> handler.invocations.stream())
                            .anyMatch(invocation -> invocation.state != State.OVERRUN
                                    && (invocation.worker == null || invocation.worker != self)));
            for (Handler handler : handlers) {
                List.copyOf(handler.invocations).forEach(invocation -> cut(invocation, self));
                retire(handler.owner().bundleId());
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether the calling thread is one of these workers. */
    boolean isWorker() {
        lock.lock();
        try {
            return current() != null;
        } finally {
            lock.unlock();
        }
    }

    /** How many invocations of a handler run now. */
    int running(Handler handler) {
        lock.lock();
        try {
            return (int) handler.invocations.stream()
                    .filter(invocation -> invocation.state != State.PENDING)
                    .count();
        } finally {
            lock.unlock();
        }
    }

    /** What overran and still runs, the oldest first. */
    List<OverrunStatus> overruns() {
        List<Worker> held;
        lock.lock();
        try {
            held = List.copyOf(writtenOff);
        } finally {
            lock.unlock();
        }
        // A stack trace stops its thread at a safepoint: not while everybody waits for the lock.
        List<List<StackTraceElement>> stacks = held.stream()
                .map(worker -> List.of(worker.thread.getStackTrace()))
                .toList();
        List<OverrunStatus> overruns = new ArrayList<>();
        lock.lock();
        try {
            for (int i = 0; i < held.size(); i++) {
                if (writtenOff.contains(held.get(i))) {
                    overruns.add(held.get(i).overrun(ticker.nanos(), stacks.get(i)));
                }
            }
        } finally {
            lock.unlock();
        }
        overruns.sort(Comparator.comparing(OverrunStatus::running).reversed());
        return overruns;
    }

    // All below is called with the lock held, but for the workers' own two methods, which take it.

    private void submit(Invocation invocation) {
        invocation.handler.invocations.add(invocation);
        invocation.sinceNanos = ticker.nanos();
        Worker worker = idle.poll();
        if (worker != null) {
            begin(worker, invocation);
            worker.wake.signal();
        } else {
            pending.add(invocation);
            startWorkers();
            watchdog.notice();
        }
    }

    /** Starts a worker for each pending invocation, as far as there may be more, and extra ones for those that waited for long. */
    private void startWorkers() {
        boolean possible = true;
        while (possible && !pending.isEmpty() && mayStart(pending.peek())) {
            Invocation first = pending.poll();
            possible = startWorker(first);
            if (!possible) {
                pending.addFirst(first);
            }
        }
    }

    private boolean mayStart(Invocation invocation) {
        return workers.size() < settings.workers()
                || workers.size() < settings.workers() + MAX_EXTRA
                        && ticker.nanos() - invocation.sinceNanos >= settings.patienceNanos();
    }

    /** Whether a worker was started: if the machine gives no thread now, the watchdog tries again. */
    private boolean startWorker(Invocation first) {
        Condition wake = lock.newCondition();
        Worker[] self = new Worker[1];
        Worker worker = new Worker(++lastNumber, wake, () -> work(self[0]));
        self[0] = worker;
        long submitted = first.sinceNanos;
        workers.add(worker);
        begin(worker, first);
        try {
            worker.thread.start();
            return true;
        } catch (OutOfMemoryError noThread) {
            workers.remove(worker);
            first.state = State.PENDING;
            first.worker = null;
            first.sinceNanos = submitted;
            return false;
        }
    }

    private void begin(Worker worker, Invocation invocation) {
        worker.begin(invocation, ticker.nanos());
        watchdog.notice();
    }

    /** A worker's life. */
    private void work(Worker worker) {
        Invocation invocation = worker.invocation; // set before the thread was started
        while (invocation != null) {
            invocation.run(logger);
            if (invocation.dispatch == null
                    && invocation.isMissed()
                    && (invocation.handler.isHad() || !absence.test(invocation.handler))) {
                invocation.fail(logger);
            }
            invocation = next(worker);
        }
    }

    /** Ends what the worker ran, and gives it the next to run; {@code null} if it is to end. */
    private Invocation next(Worker worker) {
        String late = null;
        Invocation ended = worker.invocation;
        lock.lock();
        try {
            if (ended.state == State.OVERRUN) {
                ended.wasLate = true;
                late = ended.label() + " ended after " + seconds(ticker.nanos() - ended.sinceNanos)
                        + ", long after its time limit: its worker had been replaced";
                writtenOff.remove(worker);
                ended.state = State.ENDED;
                ended.handler.invocations.remove(ended);
                worker.end();
                return null;
            }
            end(ended);
            worker.end();
            // An interrupt of the handler that just ended is not meant for the next one.
            Thread.interrupted();
            if (!running || worker.ending || workers.size() > settings.workers()) {
                workers.remove(worker);
                startWorkers();
                return null;
            }
            Invocation next = pending.poll();
            if (next != null) {
                begin(worker, next);
                return next;
            }
            idle.push(worker);
            while (worker.invocation == null && !worker.ending) {
                worker.wake.awaitUninterruptibly();
            }
            return worker.invocation;
        } finally {
            lock.unlock();
            if (late != null) {
                logger.warn(late);
                if (ended.isMissed() && ended.dispatch != null) {
                    ended.fail(logger); // who dispatched did not wait to see it
                }
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

    /** Nobody waits for the invocation any more. */
    private void settle(Invocation invocation) {
        if (invocation.dispatch != null && --invocation.dispatch.open == 0 || waiting > 0) {
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

    private Worker current() {
        Thread thread = Thread.currentThread();
        for (Worker worker : workers) {
            if (worker.thread == thread) {
                return worker;
            }
        }
        for (Worker worker : writtenOff) {
            if (worker.thread == thread) {
                return worker;
            }
        }
        return null;
    }

    /** Waits until a condition, which is evaluated with the lock held, does not hold any more. */
    private void awaitWhile(BooleanSupplier condition) {
        boolean interrupted = false;
        waiting++;
        try {
            long now = ticker.nanos();
            while (condition.getAsBoolean()) {
                try {
                    ticker.await(lock, settled, now + Watchdog.NANOS);
                    now = ticker.nanos();
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

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
    }

    private final class WatchdogDuty implements Watchdog.Duty {
        /** Writes off what overran, names the threads of what runs for long, and gives extra workers to what waits for long. */
        @Override
        public void look(long now, List<String> reports) {
            for (Worker worker : List.copyOf(workers)) {
                Invocation invocation = worker.invocation;
                if (invocation == null) {
                    continue;
                }
                long ran = now - invocation.sinceNanos;
                if (ran >= Watchdog.NANOS) {
                    worker.name();
                }
                if (ran >= settings.timeoutNanos()) {
                    workers.remove(worker);
                    writtenOff.add(worker);
                    invocation.state = State.OVERRUN;
                    invocation.handler.countTimeout();
                    settle(invocation);
                    reports.add(invocation.label() + " overran after " + seconds(ran)
                            + ": no longer waited for, it runs on; its worker is replaced");
                }
            }
            startWorkers();
        }

        @Override
        public boolean isActive() {
            return !pending.isEmpty() || workers.stream().anyMatch(worker -> worker.invocation != null);
        }

        @Override
        public long restNanos() {
            return Math.min(Watchdog.NANOS, settings.patienceNanos());
        }
    }
}
