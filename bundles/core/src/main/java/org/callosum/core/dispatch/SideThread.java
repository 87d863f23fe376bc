// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * Calls on somebody foreign who may block, in order and on a thread of its own, so that whoever has something to say goes on.
 *
 * <p>The thread starts with a call and ends when none is left. While it cannot go on, {@value #CAPACITY} calls wait, with
 * {@value #CAPACITY_BYTES} bytes. One more is left out, and what was left out is counted and told at its place. What a call throws
 * is dropped.
 *
 * <p><b>Threads.</b> Any thread may add a call, and does not wait. {@link #start} and {@link #stop} are called by one at a time.
 * No lock is held while anybody is called.
 */
final class SideThread {
    /** How many calls may wait. */
    static final int CAPACITY = 1_000;

    /** How many bytes they may keep, but for one that waits alone. */
    static final long CAPACITY_BYTES = 16L << 20;

    /** For how long the end waits for the calls that are left, and then for one that is interrupted. */
    private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private record Call(Runnable what, long bytes) {}

    private final ThreadFactory threads;
    private final LongConsumer tellLeftOut;

    /** The calls to come, the oldest first. Guarded by {@code this}, as is all below. */
    private final Deque<Call> waiting = new ArrayDeque<>();

    private long waitingBytes;

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
        this(life -> Worker.newThread(life, name), tellLeftOut);
    }

    /** The same, with threads from here. */
    SideThread(ThreadFactory threads, LongConsumer tellLeftOut) {
        this.threads = threads;
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
            if (!waiting.isEmpty()) {
                ensureThread(); // there may have been none to be had
            }
            last = thread;
        }
        if (last == Thread.currentThread() || last != null && hasEnded(last)) {
            return;
        }
        synchronized (this) {
            thread = null;
            leftOut += waiting.size();
            waiting.clear();
            waitingBytes = 0;
        }
        if (last != null) {
            last.interrupt();
            hasEnded(last);
        }
    }

    /** Waits a moment for its end, and no less if the caller is interrupted. Whether it has. */
    private static boolean hasEnded(Thread thread) {
        long until = System.nanoTime() + GRACE_NANOS;
        boolean interrupted = false;
        for (long left = GRACE_NANOS; left > 0 && thread.isAlive(); left = until - System.nanoTime()) {
            try {
                TimeUnit.NANOSECONDS.timedJoin(thread, left);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    /** Tells how many were left out, if any were, on the calling thread: to who does not block. */
    void tellLeftOut() {
        Runnable last;
        synchronized (this) {
            last = leftOut > 0 ? takeLeftOut() : () -> {};
        }
        run(last);
    }

    /** Has this done, soon. Before the start and after the end the caller does it itself: it has nothing else to look after. */
    void add(Runnable call) {
        add(call, 0);
    }

    /**
     * The same.
     *
     * @param bytes what it keeps until it is done, if that may be much
     */
    void add(Runnable call, long bytes) {
        if (!queue(call, bytes)) {
            run(call);
        }
    }

    private synchronized boolean queue(Runnable call, long bytes) {
        if (!running) {
            return false;
        }
        boolean isTooLarge = bytes > 0 && waitingBytes > 0 && waitingBytes + bytes > CAPACITY_BYTES;
        if (isTooLarge || waiting.size() >= CAPACITY) {
            leftOut++;
        } else {
            if (leftOut > 0) {
                waiting.add(new Call(takeLeftOut(), 0));
            }
            waiting.add(new Call(call, bytes));
            waitingBytes += bytes;
        }
        ensureThread();
        return true;
    }

    /** Has a thread look for what there is to do, unless there is none to be had: then the next call tries again. */
    private void ensureThread() {
        if (thread != null && thread.isAlive()) { // one that is not has died of what it had no memory for
            return;
        }
        try {
            thread = threads.newThread(this::runAll);
            thread.start();
        } catch (OutOfMemoryError noThread) {
            thread = null;
        }
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
            return null;
        }
        Call next = waiting.remove();
        waitingBytes -= next.bytes;
        return next.what;
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
