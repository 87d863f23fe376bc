// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.Map;

import org.callosum.api.Message;
import org.callosum.core.LatencyStatus;
import org.callosum.core.LatencyStatus.Bucket;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/** What the histogram of a handler says. */
class TimesTest {
    private static final Message MESSAGE = Message.of("a", "b", Map.of());

    private final Times times = new Times();

    @Test
    void everyBucketHasThoseOfTheOneBefore() {
        times.record(Duration.ofMillis(3).toNanos(), MESSAGE, 4);
        times.record(Duration.ofSeconds(20).toNanos(), MESSAGE, 1);
        times.record(Duration.ofMinutes(5).toNanos(), MESSAGE, 2);

        LatencyStatus latency = times.latency(7);

        assertThat(latency.serviceId()).isEqualTo(7);
        assertThat(latency.count()).isEqualTo(7);
        assertThat(latency.total().toMillis()).isCloseTo(620_012, within(6_200L));
        assertThat(count(latency, Duration.ofMillis(1))).isZero();
        assertThat(count(latency, Duration.ofMillis(5))).isEqualTo(4);
        assertThat(count(latency, Duration.ofSeconds(10))).isEqualTo(4);
        assertThat(count(latency, Duration.ofSeconds(30))).isEqualTo(5);
        assertThat(count(latency, Duration.ofSeconds(60))).isEqualTo(5);
    }

    @Test
    void whatWasAskedBeforeIsInItStill() {
        times.record(1_000_000, MESSAGE, 1);
        times.status();
        times.latency(7);
        times.record(1_000_000, MESSAGE, 1);

        assertThat(times.latency(7).count()).isEqualTo(2);
    }

    @Test
    void ofNoneItHasTheSameBuckets() {
        assertThat(Times.noLatency(7).buckets())
                .extracting(Bucket::limit)
                .isSorted()
                .isEqualTo(
                        times.latency(7).buckets().stream().map(Bucket::limit).toList());
        assertThat(times.latency(7)).isEqualTo(Times.noLatency(7));
    }

    private static long count(LatencyStatus latency, Duration limit) {
        return latency.buckets().stream()
                .filter(bucket -> bucket.limit().equals(limit))
                .findAny()
                .orElseThrow()
                .count();
    }
}
