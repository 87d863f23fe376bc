// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.util.Statistics;

/** What was measured, and the tables of it: each row beside the two that are to be beaten. */
final class Results {
    private final Map<Row, List<RunResult>> runs = new LinkedHashMap<>();

    /** Takes a run of a row; of several, medians count. */
    void add(Row row, RunResult run) {
        runs.computeIfAbsent(row, r -> new ArrayList<>()).add(run);
    }

    /** The tables, in Markdown. */
    String text() {
        Map<Row.Section, List<Row>> sections = new EnumMap<>(Row.Section.class);
        runs.keySet().forEach(row -> sections.computeIfAbsent(row.section(), s -> new ArrayList<>())
                .add(row));
        StringBuilder text = new StringBuilder();
        sections.forEach((section, rows) -> {
            text.append("\n### ").append(section.title).append("\n\n");
            text.append(
                    section.isLatency()
                            ? "| way | p50 | p99 | p99.9 | p50, times Felix's timed send | times its untimed send |\n"
                            : "| way | events/s | least to most | B/event | times Felix's timed send | times its untimed send |\n");
            text.append("| --- | --: | --: | --: | --: | --: |\n");
            rows.forEach(row -> text.append(section.isLatency() ? latency(row, rows) : throughput(row, rows)));
        });
        return text.toString();
    }

    private String throughput(Row row, List<Row> rows) {
        List<Double> scores = scores(row);
        return String.format(
                Locale.ROOT,
                "| %s | %,.0f | %,.0f to %,.0f | %,.0f | %s | %s |%n",
                row.label(),
                median(scores),
                scores.get(0),
                scores.get(scores.size() - 1),
                median(runs.get(row), Results::allocated),
                ratio(row, rows, Way.Kind.FELIX_TIMED_SEND, this::throughput),
                ratio(row, rows, Way.Kind.FELIX_SEND, this::throughput));
    }

    private String latency(Row row, List<Row> rows) {
        return String.format(
                Locale.ROOT,
                "| %s | %s | %s | %s | %s | %s |%n",
                row.label(),
                micros(percentile(row, 50)),
                micros(percentile(row, 99)),
                micros(percentile(row, 99.9)),
                ratio(row, rows, Way.Kind.FELIX_TIMED_SEND, other -> percentile(other, 50)),
                ratio(row, rows, Way.Kind.FELIX_SEND, other -> percentile(other, 50)));
    }

    private static String ratio(Row row, List<Row> rows, Way.Kind beside, ToDoubleFunction<Row> value) {
        return rows.stream()
                .filter(other -> other.way() == beside)
                .findFirst()
                .map(other -> String.format(Locale.ROOT, "%.2f", value.applyAsDouble(row) / value.applyAsDouble(other)))
                .orElse("");
    }

    private double throughput(Row row) {
        return median(scores(row));
    }

    /** Of each iteration of each run, in ascending order. */
    private List<Double> scores(Row row) {
        return runs.get(row).stream()
                .flatMap(run -> run.getBenchmarkResults().stream())
                .flatMap(fork -> fork.getIterationResults().stream())
                .map(iteration -> iteration.getPrimaryResult().getScore())
                .sorted()
                .toList();
    }

    private double percentile(Row row, double rank) {
        return median(runs.get(row), run -> {
            Statistics statistics = run.getPrimaryResult().getStatistics();
            return statistics.getPercentile(rank);
        });
    }

    private static double allocated(RunResult run) {
        for (String name : run.getSecondaryResults().keySet()) {
            if (name.endsWith("gc.alloc.rate.norm")) {
                return run.getSecondaryResults().get(name).getScore();
            }
        }
        return Double.NaN;
    }

    private static double median(Collection<RunResult> of, ToDoubleFunction<RunResult> value) {
        return median(of.stream().mapToDouble(value).sorted().boxed().toList());
    }

    static double median(List<Double> ascending) {
        int size = ascending.size();
        return (ascending.get((size - 1) / 2) + ascending.get(size / 2)) / 2;
    }

    private static String micros(double value) {
        return String.format(Locale.ROOT, "%,.2f µs", value);
    }
}
