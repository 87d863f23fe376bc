// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import java.util.LinkedHashMap;
import java.util.Map;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.Unit;

/**
 * The samples of one metric while they are collected: those with the same labels become one, their sum, for a metric must have
 * each combination once. Not thread-safe.
 */
final class Family {
    private final String name;
    private final String help;
    private final Map<Labels, Double> samples = new LinkedHashMap<>();

    /**
     * One without samples.
     *
     * @param name the name; a counter's without {@code _total}
     */
    Family(String name, String help) {
        this.name = name;
        this.help = help;
    }

    /** A metric without labels. */
    static Family of(String name, String help, double value) {
        return new Family(name, help).add(Labels.EMPTY, value);
    }

    Family add(Labels labels, double value) {
        samples.merge(labels, value, Double::sum);
        return this;
    }

    /** As something that only grows. */
    MetricSnapshot counter() {
        CounterSnapshot.Builder metric =
                CounterSnapshot.builder().name(name).help(help).unit(unitOf(name));
        samples.forEach((labels, value) -> metric.dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                .labels(labels)
                .value(Math.max(0, value))
                .build()));
        return metric.build();
    }

    /** As something that goes up and down. */
    MetricSnapshot gauge() {
        GaugeSnapshot.Builder metric =
                GaugeSnapshot.builder().name(name).help(help).unit(unitOf(name));
        samples.forEach((labels, value) -> metric.dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                .labels(labels)
                .value(value)
                .build()));
        return metric.build();
    }

    /** The unit that a name ends with; {@code null} if it ends with none. */
    static Unit unitOf(String name) {
        return name.endsWith("_seconds") ? Unit.SECONDS : name.endsWith("_bytes") ? Unit.BYTES : null;
    }
}
