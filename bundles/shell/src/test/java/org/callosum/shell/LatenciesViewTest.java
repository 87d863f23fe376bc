// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.util.List;

import org.callosum.core.LatencyStatus;
import org.callosum.core.LatencyStatus.Bucket;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LatenciesViewTest {
    static final String SEGMENT_LOG =
            """
            APP/HANDLER             ID  COUNT  MEAN  ≤100 µs  ≤1 ms  ≤5 s  >5 s
            segment-log/SegmentLog  31   1234  5 ms     1000      -   233     1

            Of the quick ones not each is timed: one that is stands for several.
            """;

    @Test
    void eachInvocationIsCountedInOneColumn() {
        assertThat(LatenciesView.text(
                        List.of(Handlers.SEGMENT_LOG), List.of(Handlers.SEGMENT_LOG_LATENCY), Screen.PLAIN))
                .isEqualTo(SEGMENT_LOG);
    }

    @Test
    void aHandlerThatWasNeverInvokedOrIsGoneHasALineToo() {
        LatencyStatus never = new LatencyStatus(
                44,
                0,
                Duration.ZERO,
                List.of(new Bucket(Duration.ofMillis(1), 0), new Bucket(Duration.ofSeconds(60), 0)));

        assertThat(LatenciesView.text(List.of(), List.of(never), Screen.PLAIN))
                .startsWith(
                        """
                        APP/HANDLER  ID  COUNT  MEAN  ≤1 ms  ≤60 s  >60 s
                        -            44      0     -      -      -      -
                        """);
        assertThat(LatenciesView.text(List.of(), List.of(), Screen.PLAIN)).isEqualTo("No handlers.\n");
    }
}
