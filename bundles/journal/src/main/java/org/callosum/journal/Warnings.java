// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.journal;

import java.time.Duration;
import java.util.function.LongSupplier;

import org.callosum.api.KeyValues;
import org.callosum.api.Printable;
import org.osgi.service.log.Logger;

/**
 * Warnings that any client of the bus can cause, and so could flood the log with: {@value #BURST} of them are logged, each
 * {@link Printable}, then none until a minute after the first has passed; how many were left out is told with the next one.
 *
 * <p><b>Threads.</b> May be called by any thread.
 */
public final class Warnings {
    /** How many are logged within a {@link #PERIOD}. */
    static final int BURST = 10;

    static final Duration PERIOD = Duration.ofMinutes(1);

    private static final int MAX_LINE = 1_000;
    private static final KeyValues NO_VALUES = KeyValues.of("none", null);

    private final Logger logger;
    private final LongSupplier nanoTime;

    /** When the period began; guarded by {@code this}, as are the two counters. */
    private long began;

    /** How many there were in this period, logged or not. */
    private long inPeriod;

    public Warnings(Logger logger) {
        this(logger, System::nanoTime);
    }

    /** @param nanoTime a monotonic clock, in nanoseconds */
    Warnings(Logger logger, LongSupplier nanoTime) {
        this.logger = logger;
        this.nanoTime = nanoTime;
    }

    /**
     * Logs a warning, or counts it.
     *
     * @param line what was wrong, the rule, and what became of it
     */
    public void warn(String line) {
        warn(line, NO_VALUES);
    }

    /**
     * Logs a warning, or counts it.
     *
     * @param line what was wrong, the rule, and what became of it
     * @param values what the line is searched by; they stand behind it, however long it is
     */
    public void warn(String line, KeyValues values) {
        long nth;
        long leftOut = 0;
        synchronized (this) {
            long now = nanoTime.getAsLong();
            if (inPeriod > 0 && now - began >= PERIOD.toNanos()) {
                leftOut = Math.max(0, inPeriod - BURST);
                inPeriod = 0;
            }
            if (inPeriod == 0) {
                began = now;
            }
            nth = ++inPeriod;
        }
        if (leftOut > 0) {
            logger.warn("{} more warnings like the next were left out{}", leftOut, KeyValues.of("left_out", leftOut));
        }
        if (nth <= BURST) {
            logger.warn("{}{}", Printable.of(line, MAX_LINE), values);
        }
        if (nth == BURST) {
            logger.warn(
                    "More warnings of this kind are counted, not logged, for up to {} s{}",
                    PERIOD.toSeconds(),
                    KeyValues.of("period_s", PERIOD.toSeconds()));
        }
    }
}
