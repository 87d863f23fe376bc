// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.callosum.core.HandlerStatus;
import org.callosum.core.LatencyStatus;
import org.callosum.core.LatencyStatus.Bucket;
import org.callosum.shell.Table.Column;

/** How the invocations of each handler are spread over their durations, one line a handler. */
final class LatenciesView {
    private LatenciesView() {}

    /**
     * The handlers' histograms side by side: how many invocations took no longer than a column's limit, and longer than that of
     * the column before. The dispatcher times one of several quick invocations, and counts it for these.
     *
     * @param latencies all with the same limits
     */
    static String text(List<HandlerStatus> handlers, List<LatencyStatus> latencies, Screen screen) {
        if (latencies.isEmpty()) {
            return "No handlers.\n";
        }
        Map<Long, HandlerStatus> byId =
                handlers.stream().collect(Collectors.toMap(HandlerStatus::serviceId, Function.identity()));
        Table table = new Table(columns(latencies.get(0).buckets()));
        for (LatencyStatus latency : latencies) {
            table.row(row(byId.get(latency.serviceId()), latency));
        }
        return table.text(screen) + "\nOf the quick ones not each is timed: one that is stands for several.\n";
    }

    private static Column[] columns(List<Bucket> buckets) {
        List<Column> columns = new ArrayList<>();
        columns.add(Column.text("APP/HANDLER"));
        columns.add(Column.number("ID"));
        columns.add(Column.number("COUNT"));
        columns.add(Column.number("MEAN"));
        for (Bucket bucket : buckets) {
            columns.add(Column.number("≤" + limit(bucket)));
        }
        if (!buckets.isEmpty()) {
            columns.add(Column.number(">" + limit(buckets.get(buckets.size() - 1))));
        }
        return columns.toArray(Column[]::new);
    }

    /** Short, for the limits are round: {@code 5 s}, not {@code 5.0 s}. */
    private static String limit(Bucket bucket) {
        return bucket.limit().toMillis() >= 1_000
                ? bucket.limit().toSeconds() + " s"
                : Amounts.duration(bucket.limit());
    }

    /** @param handler {@code null} if it came or went between the two looks */
    private static Object[] row(HandlerStatus handler, LatencyStatus latency) {
        Stream.Builder<Object> cells = Stream.builder()
                .add(handler == null ? "-" : HandlersView.name(handler.app()) + "/" + HandlersView.name(handler.name()))
                .add(latency.serviceId())
                .add(latency.count())
                .add(latency.count() == 0 ? "-" : Amounts.duration(mean(latency)));
        long before = 0;
        for (Bucket bucket : latency.buckets()) {
            cells.add(count(bucket.count() - before));
            before = bucket.count();
        }
        if (!latency.buckets().isEmpty()) {
            cells.add(count(latency.count() - before));
        }
        return cells.build().toArray();
    }

    /** A dash for none, so that the others are seen. */
    private static String count(long count) {
        return count == 0 ? "-" : Long.toString(count);
    }

    private static Duration mean(LatencyStatus latency) {
        return latency.total().dividedBy(latency.count());
    }
}
