// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Does one piece of work after the other, on a thread of its own that starts with one, and ends when none has come for a while.
 *
 * <p><b>Threads.</b> Any thread.
 */
final class OnDemandThread {
    private static final long IDLE_SECONDS = 10;

    private final ThreadPoolExecutor executor;

    /** The last one; {@code null} before there is anything to do. */
    private volatile Thread last;

    /**
     * Makes one that has nothing to do yet.
     *
     * @param name the thread's
     * @param waiting what waits to be done, and how much may
     */
    OnDemandThread(String name, BlockingQueue<Runnable> waiting) {
        executor = new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS, waiting, work -> {
            Thread made = new Thread(work, name);
            made.setDaemon(true);
            last = made;
            return made;
        });
        executor.allowCoreThreadTimeOut(true);
    }

    /**
     * Has something done, soon.
     *
     * @throws RejectedExecutionException if no more may wait, or it ends
     * @throws OutOfMemoryError if there is no thread to be had: it is not done
     */
    void execute(Runnable work) {
        executor.execute(work);
    }

    /** Takes nothing more, and ends when all that waits is done. */
    void end() {
        executor.shutdown();
    }

    /** Ends: interrupts what is being done, and does nothing more of what waits. */
    void endNow() {
        executor.shutdownNow();
    }

    /** Waits for the end of the thread, if there is one; when it {@linkplain #end ends}. */
    void join(long millis) throws InterruptedException {
        Thread ending = last;
        if (ending != null) {
            ending.join(millis);
        }
    }
}
