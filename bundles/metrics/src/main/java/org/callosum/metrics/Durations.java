// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import java.util.LinkedHashMap;
import java.util.Map;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import org.callosum.core.LatencyStatus;

/** A histogram of durations while it is collected, as {@link Family} does for plain numbers. Not thread-safe. */
final class Durations {
    private final String name;
    private final String help;
    private final Map<Labels, Sum> sums = new LinkedHashMap<>();

    private static final class Sum {
        double seconds;
        double[] limits = {};
        long[] counts = {};
    }

    Durations(String name, String help) {
        this.name = name;
        this.help = help;
    }

    void add(Labels labels, LatencyStatus latency) {
        Sum sum = sums.computeIfAbsent(labels, key -> new Sum());
        int size = latency.buckets().size();
        if (sum.counts.length == 0) {
            sum.limits = new double[size + 1];
            sum.counts = new long[size + 1];
        }
        sum.seconds += latency.total().toNanos() / 1e9;
        long before = 0;
        for (int i = 0; i < size; i++) {
            LatencyStatus.Bucket bucket = latency.buckets().get(i);
            sum.limits[i] = bucket.limit().toNanos() / 1e9;
            sum.counts[i] += bucket.count() - before;
            before = bucket.count();
        }
        sum.limits[size] = Double.POSITIVE_INFINITY;
        sum.counts[size] += latency.count() - before;
    }

    MetricSnapshot histogram() {
        HistogramSnapshot.Builder metric =
                HistogramSnapshot.builder().name(name).help(help).unit(Family.unitOf(name));
        sums.forEach((labels, sum) -> metric.dataPoint(HistogramSnapshot.HistogramDataPointSnapshot.builder()
                .labels(labels)
                .classicHistogramBuckets(ClassicHistogramBuckets.of(sum.limits, sum.counts))
                .sum(sum.seconds)
                .build()));
        return metric.build();
    }
}
