// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.callosum.api.Message;
import org.callosum.core.HandlerTimes;
import org.callosum.core.LatencyStatus;
import org.callosum.core.LatencyStatus.Bucket;

/**
 * How long a handler's invocations took. Takes some kilobytes, so that it is made with the first one.
 *
 * <p><b>Threads.</b> Whoever runs the handler records: two never do at once, for an event is over before the next begins, and a run
 * that overran is recorded by the watchdog, not by itself. Any thread may ask, and add a delay.
 */
final class Times {
    /** Tells 1.00 ms from 1.01 ms, and 1.00 s from 1.01 s. */
    private static final int DIGITS = 2;

    private static final long LONGEST_NANOS = Duration.ofHours(2).toNanos();

    /** From what a quick handler takes to more than the usual time limit. */
    private static final List<Duration> LIMITS = Stream.of(
                    "PT0.0001S",
                    "PT0.001S",
                    "PT0.005S",
                    "PT0.01S",
                    "PT0.05S",
                    "PT0.1S",
                    "PT0.5S",
                    "PT1S",
                    "PT5S",
                    "PT10S",
                    "PT30S",
                    "PT60S")
            .map(Duration::parse)
            .toList();

    private final SingleWriterRecorder recorder = new SingleWriterRecorder(DIGITS);
    private final LongAdder delayNanos = new LongAdder();

    /** Guarded by {@code this}, as what it is filled from. */
    private final Histogram all = new Histogram(DIGITS);

    private Histogram interval;

    private volatile long maxNanos = -1;
    private volatile String maxEvent = "";
    private volatile Overrun last = new Overrun(Optional.empty(), List.of());

    private record Overrun(Optional<Instant> at, List<StackTraceElement> stack) {}

    /** A run took that long; it stands for so many. */
    void record(long nanos, Message message, long times) {
        recorder.recordValueWithCount(Math.min(nanos, LONGEST_NANOS), times);
        if (nanos > maxNanos) {
            maxEvent = message.toString();
            maxNanos = nanos;
        }
    }

    /** Something waited for that long. */
    void delayed(long nanos) {
        delayNanos.add(nanos);
    }

    void overran(Instant at, List<StackTraceElement> stack) {
        last = new Overrun(Optional.of(at), stack);
    }

    synchronized HandlerTimes status() {
        Overrun overrun = last;
        sum();
        return new HandlerTimes(
                Duration.ofNanos(all.getValueAtPercentile(50)),
                Duration.ofNanos(all.getValueAtPercentile(99)),
                Duration.ofNanos(Math.max(0, maxNanos)),
                maxEvent,
                Duration.ofNanos(delayNanos.sum()),
                overrun.at(),
                overrun.stack());
    }

    synchronized LatencyStatus latency(long serviceId) {
        sum();
        long count = all.getTotalCount();
        return new LatencyStatus(
                serviceId,
                count,
                Duration.ofNanos(Math.round(all.getMean() * count)),
                LIMITS.stream()
                        .map(limit -> new Bucket(limit, all.getCountBetweenValues(0, limit.toNanos())))
                        .toList());
    }

    /** Of a handler that was never invoked. */
    static LatencyStatus noLatency(long serviceId) {
        return new LatencyStatus(
                serviceId,
                0,
                Duration.ZERO,
                LIMITS.stream().map(limit -> new Bucket(limit, 0)).toList());
    }

    private void sum() {
        interval = recorder.getIntervalHistogram(interval);
        all.add(interval);
    }
}
