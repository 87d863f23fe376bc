// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.callosum.api.Printable;
import org.callosum.core.HandlerStatus;
import org.callosum.core.HandlerTimes;
import org.callosum.core.Subscription;
import org.callosum.shell.Table.Column;

/** All handlers with their numbers, the filters and time limits of those that have some, and what is wrong with those that are not well. */
final class HandlersView {
    /** Of names, which come from bundles: longer ones would push the numbers off the screen. */
    static final int MAX_NAME = 40;

    private static final int MAX_PROBLEM = 500;
    private static final int MAX_FILTER = 500;

    private HandlersView() {}

    static String text(List<HandlerStatus> handlers) {
        if (handlers.isEmpty()) {
            return "No handlers: no bundle has published one.\n";
        }
        List<HandlerStatus> sorted = handlers.stream()
                .sorted(Comparator.comparing(HandlerStatus::app).thenComparing(HandlerStatus::serviceId))
                .toList();
        return table(sorted) + details(sorted) + problems(sorted);
    }

    private static String table(List<HandlerStatus> handlers) {
        Table table = new Table(
                Column.text("TRACT"),
                Column.text("EVENT"),
                Column.text("APP"),
                Column.text("HANDLER"),
                Column.text("BUNDLE"),
                Column.text("STATE"),
                Column.number("INVOKED"),
                Column.number("FAILED"),
                Column.number("TIMED OUT"),
                Column.number("RUNNING"));
        for (HandlerStatus handler : handlers) {
            table.row(
                    names(handler, Subscription::tract),
                    names(handler, Subscription::event),
                    name(handler.app()),
                    name(handler.name()),
                    bundle(handler.bundleId(), handler.bundle(), handler.version()),
                    handler.state().name().toLowerCase(Locale.ROOT),
                    handler.invoked(),
                    handler.failed(),
                    handler.timedOut(),
                    handler.running());
        }
        return table.toString();
    }

    /** The tracts or events, once each: a handler listens to every combination of the two. */
    private static String names(HandlerStatus handler, Function<Subscription, String> name) {
        String names = handler.subscriptions().stream().map(name).distinct().collect(Collectors.joining(","));
        return names.isEmpty() ? "-" : name(names);
    }

    /** What few handlers have, and would make every row longer. */
    private static String details(List<HandlerStatus> handlers) {
        StringBuilder details = new StringBuilder();
        for (HandlerStatus handler : handlers) {
            List<String> own = new ArrayList<>();
            if (!handler.filter().isEmpty()) {
                own.add("wants " + Printable.of(handler.filter(), MAX_FILTER));
            }
            handler.timeout().ifPresent(timeout -> own.add("asks for " + Amounts.duration(timeout)));
            if (!own.isEmpty()) {
                details.append(String.format("  %s: %s\n", label(handler), String.join(", ", own)));
            }
        }
        return details.isEmpty() ? "" : "\nFilters and time limits:\n" + details;
    }

    /** How long a handler's invocations took. */
    static String times(HandlerStatus handler) {
        HandlerTimes times = handler.times();
        String stack = times.lastStack().isEmpty()
                ? ""
                : "  when it last overran, it was\n" + RunningView.stack(times.lastStack());
        return String.format(
                "%n%s (service %d): p50 %s, p99 %s, longest %s%s; others waited %s for it%n%s",
                label(handler),
                handler.serviceId(),
                Amounts.duration(times.p50()),
                Amounts.duration(times.p99()),
                Amounts.duration(times.max()),
                times.maxEvent().isEmpty() ? "" : " on " + name(times.maxEvent()),
                Amounts.duration(times.delayCaused()),
                stack);
    }

    private static String problems(List<HandlerStatus> handlers) {
        StringBuilder problems = new StringBuilder();
        for (HandlerStatus handler : handlers) {
            if (!handler.problem().isEmpty()) {
                problems.append(String.format(
                        "  %s (service %d, %s): %s\n",
                        label(handler),
                        handler.serviceId(),
                        handler.state().name().toLowerCase(Locale.ROOT),
                        Printable.of(handler.problem(), MAX_PROBLEM)));
            }
        }
        return problems.isEmpty() ? "" : "\nProblems:\n" + problems;
    }

    private static String label(HandlerStatus handler) {
        return name(handler.app()) + "/" + name(handler.name());
    }

    /** A name as it may stand in a column. */
    static String name(String name) {
        return Printable.of(name, MAX_NAME);
    }

    /** A bundle as it stands in a column: id, symbolic name and version. */
    static String bundle(long id, String symbolicName, String version) {
        return id + " " + name(symbolicName) + " " + Printable.of(version, MAX_NAME);
    }
}
