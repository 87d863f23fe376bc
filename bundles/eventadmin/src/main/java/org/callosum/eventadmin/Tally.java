// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.eventadmin;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

import org.callosum.api.KeyValues;
import org.osgi.service.log.Logger;

/**
 * Counts one kind of loss, and says so: at the first one, then once a period with how many there were meanwhile.
 *
 * <p><b>Threads.</b> Any thread counts, which takes no lock and logs nothing. One thread reports.
 */
final class Tally {
    /** How often a loss that goes on is logged. */
    static final Duration PERIOD = Duration.ofMinutes(1);

    private final String what;
    private final LongSupplier nanos;
    private final Logger logger;
    private final LongAdder count = new LongAdder();

    // Both are of the reporting thread.
    private long reported;
    private long reportedAt;

    /**
     * A tally at 0.
     *
     * @param what was lost, why, and the remedy: what the line says behind the number
     * @param nanos the time, as {@link System#nanoTime()} gives it
     */
    Tally(String what, LongSupplier nanos, Logger logger) {
        this.what = what;
        this.nanos = nanos;
        this.logger = logger;
    }

    void add(long more) {
        count.add(more);
    }

    long count() {
        return count.sum();
    }

    /**
     * Logs what is to be logged now.
     *
     * @return the nanoseconds until there is something to log again; {@link Long#MAX_VALUE} if there is nothing
     */
    long report() {
        long now = nanos.getAsLong();
        long sum = count.sum();
        if (sum == reported) {
            return Long.MAX_VALUE;
        }
        long due = reportedAt + PERIOD.toNanos() - now;
        if (reported > 0 && due > 0) {
            return due;
        }
        logger.warn(
                "{} {}; {} in all{}",
                sum - reported,
                what,
                sum,
                KeyValues.of("events", sum - reported).and("events_in_all", sum));
        reported = sum;
        reportedAt = now;
        return Long.MAX_VALUE;
    }
}
