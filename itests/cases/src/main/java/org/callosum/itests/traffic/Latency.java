// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.traffic;

import java.time.Duration;
import java.util.Locale;

import org.HdrHistogram.Histogram;

/**
 * How long a handler's sightings took, from when the event was due to when the sighting was read. Immutable.
 *
 * @param count of how many events
 * @param median half of them took no longer
 * @param p99 99 of 100 took no longer
 * @param max the longest
 */
public record Latency(long count, Duration median, Duration p99, Duration max) {
    static Latency of(Histogram nanos) {
        return new Latency(
                nanos.getTotalCount(),
                Duration.ofNanos(nanos.getValueAtPercentile(50)),
                Duration.ofNanos(nanos.getValueAtPercentile(99)),
                Duration.ofNanos(nanos.getMaxValue()));
    }

    /** A duration in milliseconds, with three digits behind the point. */
    public static String millis(Duration duration) {
        return String.format(Locale.ROOT, "%.3f", duration.toNanos() / 1e6);
    }

    @Override
    public String toString() {
        return "p50 " + millis(median) + " ms, p99 " + millis(p99) + " ms, max " + millis(max) + " ms";
    }
}
