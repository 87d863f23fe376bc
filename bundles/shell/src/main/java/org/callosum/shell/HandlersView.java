// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.callosum.api.Printable;
import org.callosum.core.HandlerFailure;
import org.callosum.core.HandlerStatus;
import org.callosum.core.HandlerTimes;
import org.callosum.core.InvocationStatus;
import org.callosum.core.Subscription;
import org.callosum.shell.Table.Column;

/** Handlers with their numbers, the filters and time limits of those that have some, and what is wrong with those that are not well. */
final class HandlersView {
    /** Of names, which come from bundles: longer ones would push the numbers off the screen. */
    static final int MAX_NAME = 40;

    private static final int MAX_PROBLEM = 500;
    private static final int MAX_FILTER = 500;

    private HandlersView() {}

    /** Those of which an app, a name, a bundle or what they listen to is wanted. */
    static List<HandlerStatus> matching(List<HandlerStatus> handlers, Predicate<String> pattern) {
        return handlers.stream()
                .filter(handler -> names(handler).anyMatch(pattern))
                .toList();
    }

    private static Stream<String> names(HandlerStatus handler) {
        return Stream.concat(
                Stream.of(handler.app(), handler.name(), handler.app() + "/" + handler.name(), handler.bundle()),
                handler.subscriptions().stream()
                        .flatMap(each -> Stream.of(each.tract(), each.event(), each.tract() + "/" + each.event())));
    }

    static String text(List<HandlerStatus> handlers, Screen screen) {
        if (handlers.isEmpty()) {
            return "No handlers: no bundle has published one.\n";
        }
        List<HandlerStatus> sorted = sorted(handlers);
        return table(sorted, screen) + details(sorted) + problems(sorted);
    }

    private static List<HandlerStatus> sorted(List<HandlerStatus> handlers) {
        return handlers.stream()
                .sorted(Comparator.comparing(HandlerStatus::app).thenComparing(HandlerStatus::serviceId))
                .toList();
    }

    /** A row for each. */
    static String table(List<HandlerStatus> handlers, Screen screen) {
        Table table = new Table(
                Column.number("ID"),
                Column.text("APP"),
                Column.text("HANDLER"),
                Column.text("EVENTS"),
                Column.word("STATE"),
                Column.number("INVOKED"),
                Column.number("FAILED"),
                Column.number("TIMED OUT"),
                Column.number("RATE").lesser(),
                Column.number("P50").lesser(),
                Column.number("P99").lesser(),
                Column.number("MAX").lesser(),
                Column.number("RUNNING").lesser(),
                Column.text("BUNDLE").lesser());
        for (HandlerStatus handler : handlers) {
            boolean isCalled = handler.invoked() > 0;
            table.row(
                    handler.serviceId(),
                    name(handler.app()),
                    name(handler.name()),
                    events(handler),
                    urgency(handler).cell(state(handler)),
                    handler.invoked(),
                    (handler.failed() > 0 ? Urgency.WARNING : Urgency.NONE).cell(handler.failed()),
                    (handler.timedOut() > 0 ? Urgency.WARNING : Urgency.NONE).cell(handler.timedOut()),
                    Amounts.rate(handler.perSecond()),
                    isCalled ? Amounts.duration(handler.times().p50()) : "-",
                    isCalled ? Amounts.duration(handler.times().p99()) : "-",
                    isCalled ? Amounts.duration(handler.times().max()) : "-",
                    handler.running(),
                    bundle(handler.bundleId(), handler.bundle(), handler.version()));
        }
        return table.text(screen);
    }

    /** Tracts and events, once each: a handler listens to every combination of the two. */
    private static String events(HandlerStatus handler) {
        return handler.subscriptions().isEmpty()
                ? "-"
                : name(names(handler, Subscription::tract)) + "/" + name(names(handler, Subscription::event));
    }

    private static String names(HandlerStatus handler, Function<Subscription, String> name) {
        return handler.subscriptions().stream().map(name).distinct().collect(Collectors.joining(","));
    }

    /** How it stands, in a word. */
    static String state(HandlerStatus handler) {
        return handler.state() == HandlerStatus.State.ACTIVE && handler.running() > 0
                ? "running"
                : Words.of(handler.state());
    }

    private static Urgency urgency(HandlerStatus handler) {
        return switch (handler.state()) {
            case ACTIVE -> Urgency.NONE;
            case PARKED -> Urgency.WARNING;
            case FAILED, BAD, QUARANTINED -> Urgency.ALARM;
        };
    }

    /** What few handlers have, and would make every row longer. */
    private static String details(List<HandlerStatus> handlers) {
        StringBuilder details = new StringBuilder();
        for (HandlerStatus handler : handlers) {
            List<String> own = new ArrayList<>();
            if (!handler.filter().isEmpty()) {
                own.add("wants " + filter(handler));
            }
            handler.timeout().ifPresent(timeout -> own.add("asks for " + Amounts.duration(timeout)));
            if (!own.isEmpty()) {
                details.append(String.format("  %s: %s\n", label(handler), String.join(", ", own)));
            }
        }
        return details.isEmpty() ? "" : "\nFilters and time limits:\n" + details;
    }

    private static String problems(List<HandlerStatus> handlers) {
        StringBuilder problems = new StringBuilder();
        for (HandlerStatus handler : handlers) {
            if (!handler.problem().isEmpty()) {
                problems.append(String.format(
                        "  %s (service %d, %s): %s\n",
                        label(handler), handler.serviceId(), state(handler), problem(handler)));
            }
        }
        return problems.isEmpty() ? "" : "\nProblems:\n" + problems;
    }

    /**
     * All that is known of one.
     *
     * @param running what runs of it and has run for more than a moment
     */
    static String detail(HandlerStatus handler, List<InvocationStatus> running, Instant now, Screen screen) {
        HandlerTimes times = handler.times();
        Table table = new Table(Column.word(""), Column.sentence(""));
        table.row("Handler", label(handler) + ", service " + handler.serviceId());
        table.row("Bundle", bundle(handler.bundleId(), handler.bundle(), handler.version()));
        table.row("Listens to", subscriptions(handler));
        if (!handler.filter().isEmpty()) {
            table.row("Wants", filter(handler));
        }
        handler.timeout().ifPresent(timeout -> table.row("Asks for", Amounts.duration(timeout)));
        table.row("State", urgency(handler).cell(state(handler)));
        if (!handler.problem().isEmpty()) {
            table.row("Problem", urgency(handler).cell(problem(handler)));
        }
        table.row("Invoked", handler.invoked() + ", " + Amounts.rate(handler.perSecond()) + " in the last ten seconds");
        table.row("Failed", handler.failed());
        table.row("Timed out", handler.timedOut());
        table.row("Running", handler.running());
        table.row("Took", handler.invoked() == 0 ? "-" : took(times));
        table.row("Held up", "others waited " + Amounts.duration(times.delayCaused()) + " for it");
        return table.text(screen)
                + handler.lastFailure().map(failure -> failure(failure, now)).orElse("")
                + overrun(times, now)
                + (running.isEmpty() ? "" : "\nNow running:\n" + RunningView.stacks(running));
    }

    private static String took(HandlerTimes times) {
        return "p50 " + Amounts.duration(times.p50()) + ", p99 " + Amounts.duration(times.p99()) + ", longest "
                + Amounts.duration(times.max())
                + (times.maxEvent().isEmpty() ? "" : " on " + name(times.maxEvent()));
    }

    private static String failure(HandlerFailure failure, Instant now) {
        return "\nLast failure, " + moment(failure.at(), now)
                + (failure.event().isEmpty() ? "" : ", on " + name(failure.event())) + ":\n  "
                + Printable.of(failure.error(), MAX_PROBLEM) + "\n"
                + failure.trace().stream()
                        .map(line -> "    " + Printable.of(line, MAX_PROBLEM) + "\n")
                        .collect(Collectors.joining());
    }

    private static String overrun(HandlerTimes times, Instant now) {
        if (times.lastStack().isEmpty()) {
            return "";
        }
        return "\nLast time-out"
                + times.lastOverrun().map(at -> ", " + moment(at, now)).orElse("") + "; it was\n"
                + RunningView.stack(times.lastStack());
    }

    private static String moment(Instant at, Instant now) {
        return at + ", " + Amounts.ago(at, now);
    }

    private static String subscriptions(HandlerStatus handler) {
        String all = handler.subscriptions().stream()
                .map(each -> name(each.tract()) + "/" + name(each.event()))
                .collect(Collectors.joining(", "));
        return all.isEmpty() ? "-" : all;
    }

    private static String filter(HandlerStatus handler) {
        return Printable.of(handler.filter(), MAX_FILTER);
    }

    private static String problem(HandlerStatus handler) {
        return Printable.of(handler.problem(), MAX_PROBLEM);
    }

    /** All that is known of each, for scripts. */
    static List<Map<String, Object>> json(List<HandlerStatus> handlers) {
        return sorted(handlers).stream().map(HandlersView::json).toList();
    }

    private static Map<String, Object> json(HandlerStatus handler) {
        HandlerTimes times = handler.times();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", handler.serviceId());
        json.put("app", handler.app());
        json.put("handler", handler.name());
        json.put(
                "subscriptions",
                handler.subscriptions().stream()
                        .map(each -> Fields.of("tract", each.tract(), "event", each.event()))
                        .toList());
        json.put("filter", handler.filter().isEmpty() ? null : handler.filter());
        json.put("timeoutNanos", handler.timeout().map(Duration::toNanos).orElse(null));
        json.put("bundleId", handler.bundleId());
        json.put("bundle", handler.bundle());
        json.put("version", handler.version());
        json.put("state", state(handler));
        json.put("problem", handler.problem().isEmpty() ? null : handler.problem());
        json.put("invoked", handler.invoked());
        json.put("failed", handler.failed());
        json.put("timedOut", handler.timedOut());
        json.put("running", handler.running());
        json.put("perSecond", handler.perSecond());
        json.put("p50Nanos", times.p50().toNanos());
        json.put("p99Nanos", times.p99().toNanos());
        json.put("maxNanos", times.max().toNanos());
        json.put("maxEvent", times.maxEvent().isEmpty() ? null : times.maxEvent());
        json.put("delayCausedNanos", times.delayCaused().toNanos());
        json.put("lastFailure", handler.lastFailure().map(HandlersView::json).orElse(null));
        json.put("lastOverrun", times.lastOverrun().map(Instant::toString).orElse(null));
        json.put("lastOverrunStack", RunningView.frames(times.lastStack()));
        return json;
    }

    private static Map<String, Object> json(HandlerFailure failure) {
        return Fields.of(
                "at", failure.at().toString(),
                "event", failure.event().isEmpty() ? null : failure.event(),
                "error", failure.error(),
                "trace", failure.trace());
    }

    /** App and handler. */
    static String label(HandlerStatus handler) {
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
