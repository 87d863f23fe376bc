// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The workers that there are: those that have nothing to do, those that run something, and those that are written off. Knows
 * nothing of events.
 *
 * <p><b>Threads.</b> It shares the lock of {@link Workers}: each method is called with it held.
 */
final class Crew {
    private final ReentrantLock lock;
    private final Consumer<Worker> life;

    /** Workers that have nothing to do, the one that became idle last on top: its caches are warm. */
    private final Deque<Worker> idle = new ArrayDeque<>();

    /** All workers but those that are written off. */
    private final Set<Worker> workers = new HashSet<>();

    /** Workers whose handlers overran and still run, in the order in which they were written off. */
    private final List<Worker> writtenOff = new ArrayList<>();

    private int lastNumber;

    /**
     * Nobody yet.
     *
     * @param life what a worker does on its thread, up to its end; without the lock
     */
    Crew(ReentrantLock lock, Consumer<Worker> life) {
        this.lock = lock;
        this.life = life;
    }

    /**
     * Calls a worker that has nothing to do, or a new one: it comes as soon as the lock is free, and looks what it was given.
     *
     * @return {@code null} if the machine gives no thread now
     */
    Worker call() {
        Worker known = idle.poll();
        if (known != null) {
            known.wake.signal();
            return known;
        }
        Worker[] self = new Worker[1];
        Worker worker = new Worker(++lastNumber, lock.newCondition(), () -> life.accept(self[0]));
        self[0] = worker;
        try {
            worker.thread.start();
        } catch (OutOfMemoryError noThread) {
            return null;
        }
        workers.add(worker);
        return worker;
    }

    /** A worker has nothing to do. */
    void rest(Worker worker) {
        idle.push(worker);
    }

    /** A worker ends. */
    void leave(Worker worker) {
        workers.remove(worker);
        writtenOff.remove(worker);
    }

    /** Has a worker end if it has nothing to do and there are more than so many; whether it is to. */
    boolean leaveIfTooMany(Worker worker, int most) {
        if (workers.size() > most && idle.remove(worker)) {
            workers.remove(worker);
            return true;
        }
        return false;
    }

    /** Ends those that have nothing to do while there are more than so many, the one that was idle longest first. */
    void shrink(int most) {
        while (!idle.isEmpty() && workers.size() > most) {
            Worker worker = idle.pollLast();
            workers.remove(worker);
            worker.ending = true;
            worker.wake.signal();
        }
    }

    /** Ends each that ever ran something of a bundle: at once if it has nothing to do, else as soon as that is so. */
    void retire(long bundleId) {
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

    /** What a worker runs has overrun: it is none of those any more that there may be so many of. */
    void writeOff(Worker worker) {
        workers.remove(worker);
        writtenOff.add(worker);
    }

    /** How many are written off and still run. */
    int writtenOff() {
        return writtenOff.size();
    }

    void interruptWrittenOff() {
        writtenOff.forEach(worker -> worker.thread.interrupt());
    }

    /** Whether it is one of these, written off or not. */
    boolean has(Worker worker) {
        return workers.contains(worker) || writtenOff.contains(worker);
    }

    /** How many run a handler for an event, which was taken from them, and are not written off. */
    int busyForEvents() {
        int busy = 0;
        for (Worker worker : workers) {
            if (worker.invocation != null && worker.invocation.dispatch != null) {
                busy++;
            }
        }
        return busy;
    }

    /** How many get a handler's service, and are not written off. */
    int busyPreparing() {
        int busy = 0;
        for (Worker worker : workers) {
            if (worker.invocation != null && worker.invocation.dispatch == null) {
                busy++;
            }
        }
        return busy;
    }

    /** Whether any other one than this runs something and is not written off. */
    boolean isBusyBut(Worker self) {
        for (Worker worker : workers) {
            if (worker != self && worker.invocation != null) {
                return true;
            }
        }
        return false;
    }

    /** Those that run something and are not written off. */
    List<Worker> busy() {
        List<Worker> busy = new ArrayList<>();
        for (Worker worker : workers) {
            if (worker.invocation != null) {
                busy.add(worker);
            }
        }
        return busy;
    }

    /** Those that are written off, then those that run something. */
    List<Worker> held() {
        List<Worker> held = new ArrayList<>(writtenOff);
        held.addAll(busy());
        return held;
    }
}
