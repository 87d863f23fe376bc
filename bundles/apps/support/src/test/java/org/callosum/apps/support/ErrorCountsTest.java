// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.apps.support;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ErrorCountsTest {
    /** Near its end: a monotonic clock may begin anywhere, and may wrap. */
    private long nanoTime = Long.MAX_VALUE - 1;

    private final ErrorCounts counts = new ErrorCounts(() -> nanoTime);

    @Test
    void errorsWithinAnHourAddUp() {
        assertThat(counts.add("a")).isEqualTo(1);
        advance(Duration.ofMinutes(30));
        assertThat(counts.add("a")).isEqualTo(2);
        advance(Duration.ofMinutes(30).minusNanos(1));
        assertThat(counts.add("a")).isEqualTo(3);
    }

    @Test
    void anErrorCountsForAnHourAndNoLonger() {
        counts.add("a");
        advance(Duration.ofMinutes(30));
        counts.add("a");
        advance(Duration.ofMinutes(30));
        assertThat(counts.add("a")).as("the first is an hour old").isEqualTo(2);
        advance(Duration.ofMinutes(29));
        assertThat(counts.add("a")).as("the window slides").isEqualTo(3);
    }

    @Test
    void atTheThresholdTheCountStartsOver() {
        counts.add("a");
        counts.add("a");
        assertThat(counts.add("a")).isEqualTo(ErrorCounts.THRESHOLD);
        assertThat(counts.services()).isZero();
        assertThat(counts.add("a")).isEqualTo(1);
    }

    @Test
    void itsMemoryIsBoundedAndKeepsThoseThatFailedLast() {
        counts.add("first");
        counts.add("second");
        for (int i = 0; i < ErrorCounts.MAX_SERVICES - 2; i++) {
            counts.add("service " + i);
        }
        counts.add("first");
        assertThat(counts.services()).isEqualTo(ErrorCounts.MAX_SERVICES);
        counts.add("one more");

        assertThat(counts.services()).isEqualTo(ErrorCounts.MAX_SERVICES);
        assertThat(counts.add("first")).as("failed again, so it stayed").isEqualTo(3);
        assertThat(counts.add("second")).as("dropped out").isEqualTo(1);
    }

    private void advance(Duration time) {
        nanoTime += time.toNanos();
    }
}
