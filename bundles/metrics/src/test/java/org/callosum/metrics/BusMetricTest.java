// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import java.util.Set;
import java.util.stream.Stream;

import org.callosum.bus.BusCounters;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The bus's counters have their metrics. */
class BusMetricTest {
    /** Counters that Prometheus does not get, each with the reason; there is none. */
    private static final Set<String> LEFT_OUT = Set.of();

    @Test
    void eachCounterOfAServerOrAClientHasOneMetricAndNoOther() {
        assertThat(Stream.of(BusMetric.values()).map(BusMetric::counter))
                .as("who adds a counter adds its metric, or names it as left out")
                .containsExactlyInAnyOrderElementsOf(BusCounters.all().keySet().stream()
                        .filter(counter -> !LEFT_OUT.contains(counter))
                        .toList());
        assertThat(BusMetric.of(BusCounters.all())).hasSameSizeAs(BusMetric.values());
    }
}
