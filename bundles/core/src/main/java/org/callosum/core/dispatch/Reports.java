// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

import org.callosum.api.KeyValues;
import org.osgi.service.log.Logger;

/**
 * Says to the log what the dispatcher sees, on a thread of its own: a log that blocks, because a disk is full or nobody reads a
 * pipe, must block neither the watchdog, without which there is no time limit, nor who dispatches or hands parked events over,
 * nor a handler that failed, whose time it would take.
 *
 * <p>The thread starts with a report and ends when none is left. While it cannot go on, {@value #CAPACITY} reports wait. One more
 * is left out, and what was left out is counted and said at its place.
 *
 * <p>What waits may wait long: a report keeps no handler, no message and nothing else of an app.
 *
 * <p><b>Threads.</b> Any thread may report, and does not wait. {@link #start} and {@link #stop} are called by one at a time. No
 * lock is held while the log is called.
 */
final class Reports {
    /** How many reports may wait. */
    static final int CAPACITY = 1_000;

    /** For how long the end waits for what is still to be said, and then for a log that is interrupted. */
    private static final long GRACE_MILLIS = 1_000;

    private final Logger logger;

    /** What is to be said, the oldest first. Guarded by {@code this}, as is all below. */
    private final Deque<Consumer<Logger>> waiting = new ArrayDeque<>();

    /** How many were left out since that was said last. */
    private long leftOut;

    private boolean running;

    /** Who says it; {@code null} if there is nothing to say. One that was given up is not it any more. */
    private Thread thread;

    /** Reports to this log; not started. */
    Reports(Logger logger) {
        this.logger = logger;
    }

    synchronized void start() {
        running = true;
    }

    /**
     * Ends, when all is said that waits. If the log has not taken it within a moment its thread is interrupted, and what is not
     * said is left out. A log that goes on blocking keeps the thread, and nothing else, until it lets it go.
     */
    void stop() {
        Thread last;
        synchronized (this) {
            running = false;
            last = thread;
        }
        if (last == null || last == Thread.currentThread() || hasEnded(last)) {
            return;
        }
        synchronized (this) {
            thread = null;
            leftOut += waiting.size();
            waiting.clear();
        }
        last.interrupt();
        hasEnded(last);
    }

    /** Waits a moment for its end. Whether it has; not if the caller is interrupted. */
    private static boolean hasEnded(Thread thread) {
        try {
            thread.join(GRACE_MILLIS);
            return !thread.isAlive();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Has this said, soon. Before the start and after the end the caller says it itself: it has nothing else to look after. */
    void add(Consumer<Logger> report) {
        if (!queue(report)) {
            say(report);
        }
    }

    private synchronized boolean queue(Consumer<Logger> report) {
        if (!running) {
            return false;
        }
        if (waiting.size() >= CAPACITY) {
            leftOut++;
        } else {
            if (leftOut > 0) {
                waiting.add(takeLeftOut());
            }
            waiting.add(report);
        }
        if (thread == null) {
            thread = Worker.newThread(this::sayAll, "callosum-reports");
            try {
                thread.start();
            } catch (OutOfMemoryError noThread) {
                thread = null; // the next report tries again
            }
        }
        return true;
    }

    private void sayAll() {
        for (Consumer<Logger> report = next(); report != null; report = next()) {
            say(report);
        }
    }

    /** What the calling thread is to say; {@code null} if it is to end. */
    private synchronized Consumer<Logger> next() {
        if (thread != Thread.currentThread()) {
            return null;
        }
        if (waiting.isEmpty() && leftOut > 0) {
            return takeLeftOut();
        }
        if (waiting.isEmpty()) {
            thread = null;
        }
        return waiting.poll();
    }

    private Consumer<Logger> takeLeftOut() {
        long count = leftOut;
        leftOut = 0;
        return log -> log.warn(
                "{} lines about handlers are missing here: the log did not take them; 'handlers' and 'parked' have the numbers{}",
                count,
                KeyValues.of("left_out", count));
    }

    private void say(Consumer<Logger> report) {
        try {
            report.accept(logger);
        } catch (Throwable logFailed) {
            return; // A log is foreign code, and there is nothing left to say it with. The handler's numbers have it.
        }
    }
}
