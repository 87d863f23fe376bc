// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongConsumer;

/**
 * Calls on somebody foreign who may block, in order and on a thread of its own, so that whoever has something to say goes on.
 *
 * <p>The thread starts with a call and ends when none is left. While it cannot go on, {@value #CAPACITY} calls wait. One more is
 * left out, and what was left out is counted and told at its place. What a call throws is dropped.
 *
 * <p><b>Threads.</b> Any thread may add a call, and does not wait. {@link #start} and {@link #stop} are called by one at a time.
 * No lock is held while anybody is called.
 */
final class SideThread {
    /** How many calls may wait. */
    static final int CAPACITY = 1_000;

    /** For how long the end waits for the calls that are left, and then for one that is interrupted. */
    private static final long GRACE_MILLIS = 1_000;

    private final String name;
    private final LongConsumer tellLeftOut;

    /** The calls to come, the oldest first. Guarded by {@code this}, as is all below. */
    private final Deque<Runnable> waiting = new ArrayDeque<>();

    /** How many were left out since that was told last. */
    private long leftOut;

    private boolean running;

    /** Who calls; {@code null} if there is nothing to do. One that was given up is not it any more. */
    private Thread thread;

    /**
     * Not started.
     *
     * @param name the thread's
     * @param tellLeftOut is a call, too: tells how many were left out
     */
    SideThread(String name, LongConsumer tellLeftOut) {
        this.name = name;
        this.tellLeftOut = tellLeftOut;
    }

    synchronized void start() {
        running = true;
    }

    /**
     * Ends, when no call is left. If that takes longer than a moment the thread is interrupted, and the rest is left out. Who goes
     * on blocking keeps the thread, and nothing else, until they let it go.
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

    /** Has this done, soon. Before the start and after the end the caller does it itself: it has nothing else to look after. */
    void add(Runnable call) {
        if (!queue(call)) {
            run(call);
        }
    }

    private synchronized boolean queue(Runnable call) {
        if (!running) {
            return false;
        }
        if (waiting.size() >= CAPACITY) {
            leftOut++;
        } else {
            if (leftOut > 0) {
                waiting.add(takeLeftOut());
            }
            waiting.add(call);
        }
        if (thread == null) {
            thread = Worker.newThread(this::runAll, name);
            try {
                thread.start();
            } catch (OutOfMemoryError noThread) {
                thread = null; // the next call tries again
            }
        }
        return true;
    }

    private void runAll() {
        for (Runnable call = next(); call != null; call = next()) {
            run(call);
        }
    }

    /** What the calling thread is to do; {@code null} if it is to end. */
    private synchronized Runnable next() {
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

    private Runnable takeLeftOut() {
        long count = leftOut;
        leftOut = 0;
        return () -> tellLeftOut.accept(count);
    }

    private static void run(Runnable call) {
        try {
            call.run();
        } catch (Throwable theirs) {
            return; // It is foreign, and who added the call is elsewhere. The handlers' numbers have it.
        }
    }
}
