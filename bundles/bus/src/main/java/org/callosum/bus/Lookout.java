// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Waits until a socket is ready, a time is up, or somebody calls. It may wait awake: a thread that sleeps takes some ten
 * microseconds to come back, and finds its caches cold.
 *
 * <p><b>Threads.</b> One at a time waits, any calls. A call that comes when nobody waits ends the next wait.
 */
final class Lookout {
    private final Selector selector;
    private final LongSupplier ticker;

    /** Whether somebody has called; the selector remembers it, too, but forgets it at each look. */
    private volatile boolean isCalled;

    /** When something last was ready, as the ticker has it. */
    private long readyNanos;

    /**
     * One that looks at these sockets.
     *
     * @param ticker gives nanoseconds since some time
     */
    Lookout(Selector selector, LongSupplier ticker) {
        this.selector = selector;
        this.ticker = ticker;
        this.readyNanos = ticker.getAsLong();
    }

    /** Ends a wait. */
    void call() {
        isCalled = true;
        selector.wakeup();
    }

    /** Looks, and does not wait. */
    void look() throws IOException {
        isCalled = false; // first: who calls from here on calls for the next wait, which looks at all there is
        if (selector.selectNow() > 0) {
            readyNanos = ticker.getAsLong();
        }
    }

    /**
     * Waits.
     *
     * @param nanos how long at most; {@link Long#MAX_VALUE} is for ever
     * @param awakeNanos for how long after something was ready it waits awake; 0 is not at all
     */
    void await(long nanos, long awakeNanos) throws IOException {
        long left = awakeNanos == 0 ? nanos : awaitAwake(nanos, awakeNanos);
        if (left > 0) {
            int ready = selector.select(left == Long.MAX_VALUE ? 0 : TimeUnit.NANOSECONDS.toMillis(left) + 1);
            if (ready > 0 && awakeNanos > 0) {
                readyNanos = ticker.getAsLong();
            }
        }
        isCalled = false;
    }

    /** How long is left to be waited asleep; 0 if the wait is over. */
    private long awaitAwake(long nanos, long awakeNanos) throws IOException {
        long begin = ticker.getAsLong();
        for (long now = begin; now - readyNanos < awakeNanos; now = ticker.getAsLong()) {
            if (isCalled || now - begin >= nanos) {
                return 0;
            }
            if (selector.selectNow() > 0) {
                readyNanos = now;
                return 0;
            }
            Thread.onSpinWait();
        }
        if (isCalled) {
            return 0; // the last look may have taken the wake-up from the selector
        }
        return nanos == Long.MAX_VALUE ? nanos : Math.max(nanos - (ticker.getAsLong() - begin), 1);
    }
}
