// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.eventadmin;

import java.security.AccessController;
import java.security.PrivilegedAction;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToLongFunction;

import org.callosum.api.KeyValues;
import org.osgi.service.log.Logger;

/**
 * A bounded queue, and a thread that delivers what is in it, in order. When it is full, what comes is given up, counted and
 * logged: whoever offers never waits.
 *
 * <p><b>Threads.</b> Any thread offers; that takes a lock for a moment, under which no foreign code runs and nothing is
 * logged. The relay's own thread delivers and reports the tallies.
 */
final class Relay<T> {
    /** What became of an item. */
    enum Outcome {
        /** It is delivered, or given up for good. */
        DONE,
        /** It stays the first, and is tried again after a moment, or when {@link #wake()} says so. */
        LATER,
        /** The same, at once, on a new thread: this one ends. */
        ON_A_NEW_THREAD
    }

    /** Where items go. Called by the relay's thread; does not wait for anybody, and says {@link Outcome#LATER} instead. */
    interface Delivery<T> {
        Outcome deliver(T item);
    }

    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long LONG_NANOS = TimeUnit.DAYS.toNanos(1);

    /** How long a stop waits for the thread, before and after it is interrupted. It can be stuck in foreign code alone. */
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(1);

    private final String name;
    private final ToLongFunction<T> size;
    private final Delivery<T> delivery;
    private final Tally full;
    private final List<Tally> tallies;
    private final Logger logger;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // All below is guarded by lock.
    private final Queue<T> queue = new ArrayDeque<>();
    private long bytes;
    private int maxItems;
    private long maxBytes;
    private Thread thread;
    private boolean stopping;
    /** How often somebody said that a delivery may succeed now. */
    private long wakes;
    /** When the first is tried again, in {@link System#nanoTime()}. */
    private long notBefore;

    /**
     * A relay, not started.
     *
     * @param name its thread's
     * @param size an item's bytes
     * @param full counts what found the queue full
     * @param others further tallies of the delivery, reported together with that
     */
    Relay(String name, ToLongFunction<T> size, Delivery<T> delivery, Tally full, List<Tally> others, Logger logger) {
        this.name = name;
        this.size = size;
        this.delivery = delivery;
        this.full = full;
        this.tallies = others;
        this.logger = logger;
    }

    /** Sets the limits. What is queued stays. */
    void resize(int items, long itemBytes) {
        lock.lock();
        try {
            maxItems = items;
            maxBytes = itemBytes;
        } finally {
            lock.unlock();
        }
    }

    /** Begins to deliver. */
    void start() {
        lock.lock();
        try {
            notBefore = System.nanoTime();
            startThread();
        } finally {
            lock.unlock();
        }
    }

    /** Queues an item; gives it up if there is no room. One that alone is larger than all the room finds it if nothing waits. */
    void offer(T item) {
        long more = size.applyAsLong(item);
        lock.lock();
        try {
            if (stopping) {
                return; // its service is gone already, and this call was under way
            }
            boolean isRoom = queue.isEmpty() || queue.size() < maxItems && bytes + more <= maxBytes;
            if (isRoom) {
                queue.add(item);
                bytes += more;
            } else {
                full.add(1);
            }
            if (!isRoom || queue.size() == 1) {
                changed.signal(); // there is something to report, or to deliver
            }
        } finally {
            lock.unlock();
        }
    }

    /** Has the first item tried again. */
    void wake() {
        lock.lock();
        try {
            wakes++;
            notBefore = System.nanoTime();
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Ends. What can be delivered without waiting still is; what is left is given up, with a warning. */
    void stop() {
        Thread last;
        lock.lock();
        try {
            stopping = true;
            changed.signal();
            last = thread;
        } finally {
            lock.unlock();
        }
        if (last != null && last != Thread.currentThread()) {
            end(last);
        }
        lock.lock();
        try {
            if (!queue.isEmpty()) {
                logger.warn(
                        "{} stopped with {} events not delivered: they are given up{}",
                        name,
                        queue.size(),
                        keyValues().and("given_up_events", queue.size()));
                queue.clear();
                bytes = 0;
            }
        } finally {
            lock.unlock();
        }
    }

    private void end(Thread last) {
        try {
            last.join(STOP_PATIENCE.toMillis());
            if (last.isAlive()) {
                last.interrupt();
                last.join(STOP_PATIENCE.toMillis());
            }
        } catch (InterruptedException e) {
            last.interrupt();
            Thread.currentThread().interrupt();
        }
        if (last.isAlive()) {
            StackTraceElement[] stack = last.getStackTrace();
            logger.warn(
                    "{} does not end: it is stuck in foreign code, at {}{}",
                    name,
                    Arrays.asList(stack).subList(0, Math.min(8, stack.length)),
                    keyValues());
        }
    }

    /** Which one it is, for the values of a log line. */
    private KeyValues keyValues() {
        return KeyValues.of("relay", name);
    }

    private void startThread() {
        thread = newThread(this::run, name);
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                long untilReport = report();
                T first;
                long seenWakes;
                lock.lock();
                try {
                    long untilDue = queue.isEmpty() ? LONG_NANOS : notBefore - System.nanoTime();
                    if (stopping && untilDue > 0) {
                        return;
                    }
                    if (untilDue > 0) {
                        changed.awaitNanos(Math.min(untilDue, untilReport));
                        continue;
                    }
                    first = queue.element();
                    seenWakes = wakes;
                } finally {
                    lock.unlock();
                }
                if (!settle(first, deliver(first), seenWakes)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            logger.debug("{} was interrupted", name, e); // the end of a stop that waited long enough
        }
        report();
    }

    private Outcome deliver(T item) {
        try {
            return delivery.deliver(item);
        } catch (RuntimeException | LinkageError e) {
            logger.error("{} could not deliver an event: it is given up, the next ones go on{}", name, keyValues(), e);
            return Outcome.DONE;
        }
    }

    /** Whether this thread goes on. */
    private boolean settle(T first, Outcome outcome, long seenWakes) {
        lock.lock();
        try {
            switch (outcome) {
                case DONE -> {
                    if (queue.peek() == first) { // else a stop has given it up
                        queue.remove();
                        bytes -= size.applyAsLong(first);
                    }
                }
                case LATER -> {
                    if (seenWakes == wakes) {
                        notBefore = System.nanoTime() + RETRY_NANOS;
                    }
                }
                case ON_A_NEW_THREAD -> {
                    if (!stopping) {
                        startThread();
                    }
                    return false;
                }
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private long report() {
        long next = full.report();
        for (Tally tally : tallies) {
            next = Math.min(next, tally.report());
        }
        return next;
    }

    /**
     * A thread that keeps nothing of the one that happens to create it: no thread locals, no context class loader, and (up to
     * JDK 23) no access control context, which refers to the class loader of every caller.
     */
    @SuppressWarnings("removal")
    private static Thread newThread(Runnable loop, String name) {
        return AccessController.doPrivileged((PrivilegedAction<Thread>) () -> {
            Thread made = new Thread(null, loop, name, 0, false);
            made.setContextClassLoader(null);
            made.setDaemon(true);
            return made;
        });
    }
}
