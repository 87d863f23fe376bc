// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

import org.callosum.core.BridgeStatus;
import org.callosum.core.HandlerStatus;
import org.callosum.shell.EventCounts.Name;
import org.callosum.shell.Table.Column;

import static org.callosum.shell.HandlersView.name;

/** What went through a runtime between two moments: the busiest tracts, events and handlers. */
final class TopView {
    private TopView() {}

    /**
     * One moment.
     *
     * @param nanos when, by {@link System#nanoTime()}
     * @param bridge {@code null} if there is none
     * @param handlers all handlers
     */
    record Moment(long nanos, BridgeStatus bridge, List<HandlerStatus> handlers) {}

    /**
     * Rates between two moments.
     *
     * @param rows how many tracts, events and handlers each are shown at most
     */
    static String text(Moment before, Moment now, Map<Name, Long> events, int rows, Screen screen) {
        double seconds = Math.max(1, now.nanos() - before.nanos()) / 1e9;
        return traffic(before, now, seconds) + "\n" + tracts(events, seconds, rows, screen) + "\n"
                + events(events, seconds, rows, screen) + "\n" + handlers(before, now, seconds, rows, screen);
    }

    private static String traffic(Moment before, Moment now, double seconds) {
        BridgeStatus bridge = now.bridge();
        if (bridge == null || before.bridge() == null) {
            return "no bridge\n";
        }
        return String.format(
                Locale.ROOT,
                "received %s, dispatched %s, emitted %s, given up %s\nqueue %d, %s, oldest %s; on disk %d, %s\n",
                rate(bridge.received() - before.bridge().received(), seconds),
                rate(bridge.dispatched() - before.bridge().dispatched(), seconds),
                rate(bridge.emitted() - before.bridge().emitted(), seconds),
                rate(bridge.givenUp() - before.bridge().givenUp(), seconds),
                bridge.queued(),
                Amounts.size(bridge.queuedBytes()),
                Amounts.duration(bridge.oldestQueued()),
                bridge.spilled(),
                Amounts.size(bridge.spilledBytes()));
    }

    private static String tracts(Map<Name, Long> events, double seconds, int rows, Screen screen) {
        Map<String, Long> tracts = events.entrySet().stream()
                .collect(Collectors.groupingBy(
                        each -> each.getKey().tract(), Collectors.summingLong(Map.Entry::getValue)));
        return counts("TRACT", tracts, Function.identity(), seconds, rows, screen);
    }

    private static String events(Map<Name, Long> events, double seconds, int rows, Screen screen) {
        return counts("EVENT", events, each -> name(each.tract()) + "/" + name(each.event()), seconds, rows, screen);
    }

    private static <T> String counts(
            String heading, Map<T, Long> counts, Function<T, String> label, double seconds, int rows, Screen screen) {
        long all = counts.values().stream().mapToLong(Long::longValue).sum();
        Table table = new Table(Column.text(heading), Column.number("RATE"), Column.number("SHARE"));
        counts.entrySet().stream()
                .sorted(Map.Entry.<T, Long>comparingByValue()
                        .reversed()
                        .thenComparing(each -> label.apply(each.getKey())))
                .limit(rows)
                .forEach(each -> table.row(
                        cut(label.apply(each.getKey())),
                        rate(each.getValue(), seconds),
                        Math.round(100.0 * each.getValue() / all) + " %"));
        return table.text(screen);
    }

    private static String cut(String label) {
        return label.contains("/") ? label : name(label);
    }

    private static String handlers(Moment before, Moment now, double seconds, int rows, Screen screen) {
        Map<Long, HandlerStatus> known = before.handlers().stream()
                .collect(Collectors.toMap(HandlerStatus::serviceId, Function.identity(), (one, other) -> one));
        Table table = new Table(
                Column.text("HANDLER"),
                Column.number("RATE"),
                Column.number("FAILED"),
                Column.number("P50"),
                Column.number("P99"),
                Column.number("RUNNING"),
                Column.word("STATE"));
        now.handlers().stream()
                .sorted(Comparator.comparingLong((HandlerStatus each) -> -since(known, each, HandlerStatus::invoked))
                        .thenComparing(HandlersView::label))
                .limit(rows)
                .forEach(each -> {
                    long failed =
                            since(known, each, HandlerStatus::failed) + since(known, each, HandlerStatus::timedOut);
                    table.row(
                            HandlersView.label(each),
                            rate(since(known, each, HandlerStatus::invoked), seconds),
                            (failed == 0 ? Urgency.NONE : Urgency.ALARM).cell(rate(failed, seconds)),
                            Amounts.duration(each.times().p50()),
                            Amounts.duration(each.times().p99()),
                            each.running(),
                            HandlersView.state(each));
                });
        return table.text(screen);
    }

    private static long since(Map<Long, HandlerStatus> known, HandlerStatus now, ToLongFunction<HandlerStatus> count) {
        HandlerStatus before = known.get(now.serviceId());
        return Math.max(0, count.applyAsLong(now) - (before == null ? 0 : count.applyAsLong(before)));
    }

    private static String rate(long count, double seconds) {
        return Amounts.rate(count / seconds);
    }
}
