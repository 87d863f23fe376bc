// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

import org.callosum.core.DelayStatus;
import org.callosum.core.DelayStatus.Cause;
import org.callosum.core.HandlerStatus;
import org.callosum.shell.Table.Column;

/** Who held events up, and for how long. */
final class BlameView {
    private static final int MAX_CAUSES = 5;

    private BlameView() {}

    static String text(List<HandlerStatus> handlers, List<DelayStatus> delays, Screen screen) {
        List<HandlerStatus> blamed = blamed(handlers);
        if (blamed.isEmpty() && delays.isEmpty()) {
            return "No event has waited for a slow handler.\n";
        }
        return apps(blamed, screen) + "\n" + handlers(blamed, screen) + "\n" + delays(delays);
    }

    private static String apps(List<HandlerStatus> blamed, Screen screen) {
        Table table = new Table(Column.text("APP"), Column.number("DELAY CAUSED"));
        sums(blamed).forEach(app -> table.row(HandlersView.name(app.getKey()), Amounts.duration(app.getValue())));
        return table.text(screen);
    }

    private static List<HandlerStatus> blamed(List<HandlerStatus> handlers) {
        return handlers.stream()
                .filter(handler -> !handler.times().delayCaused().isZero())
                .sorted(Comparator.comparing(
                                (HandlerStatus handler) -> handler.times().delayCaused())
                        .reversed())
                .toList();
    }

    /** The apps, the one to blame most first. */
    private static List<Map.Entry<String, Duration>> sums(List<HandlerStatus> blamed) {
        Map<String, Duration> sums = blamed.stream()
                .collect(Collectors.toMap(
                        HandlerStatus::app, handler -> handler.times().delayCaused(), Duration::plus, TreeMap::new));
        return sums.entrySet().stream()
                .sorted(Map.Entry.<String, Duration>comparingByValue().reversed())
                .toList();
    }

    /** Apps, handlers and delays for scripts, those to blame most first. */
    static Map<String, Object> json(List<HandlerStatus> handlers, List<DelayStatus> delays) {
        List<HandlerStatus> blamed = blamed(handlers);
        return Fields.of(
                "apps",
                sums(blamed).stream()
                        .map(app -> Fields.of(
                                "app",
                                app.getKey(),
                                "delayCausedNanos",
                                app.getValue().toNanos()))
                        .toList(),
                "handlers",
                blamed.stream()
                        .map(each -> Fields.of(
                                "id", each.serviceId(),
                                "app", each.app(),
                                "handler", each.name(),
                                "delayCausedNanos", each.times().delayCaused().toNanos()))
                        .toList(),
                "delays",
                delays.stream().map(BlameView::json).toList());
    }

    private static Map<String, Object> json(DelayStatus delay) {
        return Fields.of(
                "tract", delay.tract(),
                "event", delay.event(),
                "at", delay.at().toString(),
                "waitedNanos", delay.waited().toNanos(),
                "causes",
                        delay.causes().stream()
                                .map(cause -> Fields.of(
                                        "app", cause.app(),
                                        "handler", cause.handler(),
                                        "tract", cause.tract(),
                                        "event", cause.event(),
                                        "waitedNanos", cause.waited().toNanos(),
                                        "place", cause.place().isEmpty() ? null : cause.place()))
                                .toList());
    }

    private static String handlers(List<HandlerStatus> blamed, Screen screen) {
        Table table = new Table(
                Column.text("APP/HANDLER"),
                Column.number("DELAY CAUSED"),
                Column.number("P50"),
                Column.number("P99"),
                Column.number("MAX"),
                Column.text("LONGEST ON").lesser());
        for (HandlerStatus handler : blamed) {
            table.row(
                    HandlersView.name(handler.app()) + "/" + HandlersView.name(handler.name()),
                    Amounts.duration(handler.times().delayCaused()),
                    Amounts.duration(handler.times().p50()),
                    Amounts.duration(handler.times().p99()),
                    Amounts.duration(handler.times().max()),
                    HandlersView.name(handler.times().maxEvent()));
        }
        return table.text(screen);
    }

    private static String delays(List<DelayStatus> delays) {
        StringBuilder text = new StringBuilder("The events that waited longest:\n");
        for (DelayStatus delay : delays) {
            text.append(String.format(
                    "  %s, %s/%s waited %s: %s%n",
                    delay.at(),
                    HandlersView.name(delay.tract()),
                    HandlersView.name(delay.event()),
                    Amounts.duration(delay.waited()),
                    delay.causes().stream()
                            .limit(MAX_CAUSES)
                            .map(BlameView::cause)
                            .collect(Collectors.joining("; "))));
        }
        return text.toString();
    }

    private static String cause(Cause cause) {
        return Amounts.duration(cause.waited()) + " behind app " + HandlersView.name(cause.app()) + ", handler "
                + HandlersView.name(cause.handler()) + ", on " + HandlersView.name(cause.tract()) + "/"
                + HandlersView.name(cause.event())
                + (cause.place().isEmpty() ? "" : ", in " + HandlersView.name(cause.place()));
    }
}
