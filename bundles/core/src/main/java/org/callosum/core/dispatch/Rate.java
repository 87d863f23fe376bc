// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.concurrent.TimeUnit;

/**
 * How fast a count grows, over the last ten seconds or so. The count itself costs nothing more: somebody looks at it once a second.
 *
 * <p><b>Threads.</b> Any thread may call any method.
 */
final class Rate {
    private static final int SAMPLES = 11; // ten seconds between the first and the last

    private final long[] counts = new long[SAMPLES];
    private final long[] nanos = new long[SAMPLES];
    private int samples;

    /** Notes how far it has come. */
    synchronized void sample(long count, long now) {
        counts[samples % SAMPLES] = count;
        nanos[samples % SAMPLES] = now;
        samples = samples + 1 < 2 * SAMPLES ? samples + 1 : SAMPLES; // never overflows, and the place stays the same
    }

    /**
     * The rate since the oldest sample that is known; 0 if there is none.
     *
     * @param count how far it has come now
     */
    synchronized double perSecond(long count, long now) {
        if (samples == 0) {
            return 0;
        }
        int oldest = samples < SAMPLES ? 0 : samples % SAMPLES;
        long passed = now - nanos[oldest];
        return passed <= 0 ? 0 : (double) (count - counts[oldest]) * TimeUnit.SECONDS.toNanos(1) / passed;
    }
}
