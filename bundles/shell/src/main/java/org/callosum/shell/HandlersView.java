// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.callosum.api.Printable;
import org.callosum.core.HandlerStatus;
import org.callosum.core.Subscription;
import org.callosum.shell.Table.Column;

/** All handlers with their numbers, and what is wrong with those that are not well. */
final class HandlersView {
    /** Of names, which come from bundles: longer ones would push the numbers off the screen. */
    static final int MAX_NAME = 40;

    private static final int MAX_PROBLEM = 500;

    private HandlersView() {}

    static String text(List<HandlerStatus> handlers) {
        if (handlers.isEmpty()) {
            return "No handlers: no bundle has published one.\n";
        }
        List<HandlerStatus> sorted = handlers.stream()
                .sorted(Comparator.comparing(HandlerStatus::app).thenComparing(HandlerStatus::serviceId))
                .toList();
        return table(sorted) + problems(sorted);
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

    private static String problems(List<HandlerStatus> handlers) {
        StringBuilder problems = new StringBuilder();
        for (HandlerStatus handler : handlers) {
            if (!handler.problem().isEmpty()) {
                problems.append(String.format(
                        "  %s/%s (service %d, %s): %s\n",
                        name(handler.app()),
                        name(handler.name()),
                        handler.serviceId(),
                        handler.state().name().toLowerCase(Locale.ROOT),
                        Printable.of(handler.problem(), MAX_PROBLEM)));
            }
        }
        return problems.isEmpty() ? "" : "\nProblems:\n" + problems;
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
