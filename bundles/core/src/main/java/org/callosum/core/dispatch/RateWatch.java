// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.Collection;
import java.util.function.Supplier;

/**
 * Looks at all handlers' counts once a second, so that their rates can be told.
 *
 * <p><b>Threads.</b> It has one of its own. Any thread starts and stops it.
 */
final class RateWatch {
    private static final long PAUSE_MILLIS = 1_000;

    private final Supplier<Collection<Handler>> handlers;
    private final Ticker ticker;

    /** Guarded by {@code this}. */
    private Thread thread;

    RateWatch(Supplier<Collection<Handler>> handlers, Ticker ticker) {
        this.handlers = handlers;
        this.ticker = ticker;
    }

    /** Does nothing if it runs. */
    synchronized void start() {
        if (thread == null) {
            thread = Worker.newThread(this::watch, "callosum-rates");
            thread.start();
        }
    }

    /** Ends it, soon. Does nothing if it does not run. */
    synchronized void stop() {
        thread = null;
        notifyAll();
    }

    /** Looks once. */
    void look() {
        long now = ticker.nanos();
        handlers.get().forEach(handler -> handler.sampleRate(now));
    }

    private void watch() {
        while (isCurrent()) {
            look();
            pause();
        }
    }

    private synchronized boolean isCurrent() {
        return thread == Thread.currentThread();
    }

    private synchronized void pause() {
        try {
            if (isCurrent()) {
                wait(PAUSE_MILLIS);
            }
        } catch (InterruptedException nobodyHasAReasonTo) {
            // It looks a little sooner.
        }
    }
}
