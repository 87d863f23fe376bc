// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.callosum.api.Json;
import org.callosum.api.Message;
import org.callosum.api.Printable;
import org.callosum.core.Explanation;
import org.callosum.core.Explanation.Outcome;
import org.callosum.core.Explanation.Verdict;
import org.callosum.shell.Table.Column;

import static org.callosum.shell.HandlersView.name;

/** Which handlers would get an event, and why others would not. */
final class ExplainView {
    /** How many of those are shown that are near by their names alone. */
    private static final int MAX_NEAR = 20;

    private static final int MAX_REASON = 1_000;
    private static final int MAX_VALUE = 60;
    private static final int MAX_NAMES = 80;

    /** The name of a field in a filter. */
    private static final Pattern FIELD = Pattern.compile("\\(\\s*([^()&|!=<>~\\s][^()=<>~]*?)\\s*(?:=|~=|>=|<=)");

    private ExplainView() {}

    /** One handler that would not get the event. */
    private record Other(Verdict verdict, int distance, String reason) {
        Urgency urgency() {
            return switch (verdict.outcome()) {
                case QUARANTINED, ABSENT, BAD -> Urgency.ALARM;
                case PARKED -> Urgency.WARNING;
                default -> Urgency.NONE;
            };
        }
    }

    /**
     * The answer.
     *
     * @param stopped apps that do not run, whose handlers nobody knows
     * @param withAll whether those are shown, too, whose names are not near
     */
    static String text(Explanation explanation, Message event, List<String> stopped, boolean withAll, Screen screen) {
        StringBuilder text = new StringBuilder();
        List<Verdict> called = explanation.called();
        String its = name(event.tract()) + "/" + name(event.event());
        if (called.isEmpty()) {
            text.append(screen.paint(Urgency.WARNING, its + " would be handed to no handler."))
                    .append('\n');
        } else {
            text.append(its + " would be handed to " + handlers(called.size()) + ", in this order:\n\n");
            text.append(called(called, screen));
        }
        List<Other> others = others(explanation, event, true);
        List<Other> shown = withAll
                ? others(explanation, event, false)
                : others.stream().limit(MAX_NEAR).toList();
        if (!shown.isEmpty()) {
            text.append("\nIt would not be handed to:\n\n").append(table(shown, screen));
        }
        int hidden = explanation.verdicts().size() - called.size() - shown.size();
        if (hidden > 0) {
            text.append("\n" + handlers(hidden) + (hidden == 1 ? " listens" : " listen")
                    + " to other names: 'explain --all' shows " + (hidden == 1 ? "it" : "them") + ".\n");
        }
        if (!stopped.isEmpty()) {
            text.append("\n" + stopped.size() + (stopped.size() == 1 ? " app does" : " apps do")
                    + " not run, and nobody knows what handlers would be there: "
                    + stopped.stream().map(HandlersView::name).collect(Collectors.joining(", ")) + ".\n");
        }
        return text.toString();
    }

    private static String called(List<Verdict> called, Screen screen) {
        Table table = new Table(
                Column.number("#"),
                Column.text("APP/HANDLER"),
                Column.number("ID"),
                Column.text("LISTENS TO"),
                Column.text("FILTER").lesser(),
                Column.text("BUNDLE").lesser(),
                Column.sentence("BUT"));
        int place = 0;
        for (Verdict verdict : called) {
            place++;
            table.row(
                    place,
                    label(verdict),
                    verdict.serviceId(),
                    names(verdict),
                    verdict.filter().isEmpty() ? "-" : Printable.of(verdict.filter(), MAX_NAMES),
                    bundle(verdict),
                    verdict.reason().isEmpty() ? "-" : Urgency.ALARM.cell(Printable.of(verdict.reason(), MAX_REASON)));
        }
        return table.text(screen);
    }

    private static String table(List<Other> others, Screen screen) {
        Table table = new Table(
                Column.text("APP/HANDLER"),
                Column.number("ID"),
                Column.text("LISTENS TO").lesser(),
                Column.text("BUNDLE").lesser(),
                Column.word("WHY"),
                Column.sentence("NAMELY"));
        for (Other other : others) {
            Verdict verdict = other.verdict();
            table.row(
                    label(verdict),
                    verdict.serviceId() == 0 ? "-" : verdict.serviceId(),
                    names(verdict),
                    bundle(verdict),
                    other.urgency().cell(word(verdict.outcome())),
                    Printable.of(other.reason(), MAX_REASON));
        }
        return table.text(screen);
    }

    /** Those that would not get it: first those whose names are right, then by how near they are. */
    private static List<Other> others(Explanation explanation, Message event, boolean onlyNear) {
        List<Other> others = new ArrayList<>();
        for (Verdict verdict : explanation.verdicts()) {
            if (verdict.outcome() == Outcome.CALLED) {
                continue;
            }
            Optional<NearMiss> miss = verdict.outcome() == Outcome.UNNAMED
                    ? NearMiss.of(verdict.subscriptions(), event.tract(), event.event())
                    : Optional.of(new NearMiss(-1, reason(verdict, event)));
            if (miss.isPresent()) {
                others.add(new Other(
                        verdict, miss.get().distance(), withMore(miss.get().reason(), verdict)));
            } else if (!onlyNear) {
                others.add(new Other(verdict, Integer.MAX_VALUE, withMore("listens to " + names(verdict), verdict)));
            }
        }
        others.sort(Comparator.comparingInt(Other::distance)); // stable: else as the core gave them
        return others;
    }

    /** The names that miss are not all that is wrong with some. */
    private static String withMore(String reason, Verdict verdict) {
        return verdict.outcome() != Outcome.UNNAMED || verdict.reason().isEmpty()
                ? reason
                : reason + "; besides, " + (verdict.serviceId() == 0 ? "its component is not satisfied: " : "it is ")
                        + verdict.reason();
    }

    private static String reason(Verdict verdict, Message event) {
        return switch (verdict.outcome()) {
            case FILTERED -> "its filter " + verdict.filter() + " does not let it through: " + values(verdict, event);
            case ABSENT -> "its component is not satisfied: " + verdict.reason();
            default -> verdict.reason();
        };
    }

    /** What the event has of the fields that a filter asks for. */
    private static String values(Verdict verdict, Message event) {
        Set<String> fields = new LinkedHashSet<>();
        Matcher names = FIELD.matcher(verdict.filter());
        while (names.find()) {
            fields.add(names.group(1));
        }
        return fields.isEmpty()
                ? "whatever its fields are"
                : fields.stream().map(field -> value(field, event)).collect(Collectors.joining(", "));
    }

    private static String value(String field, Message event) {
        Object value = event.toMap().get(field);
        if (value != null) {
            return field + " is " + Printable.of(Json.write(value), MAX_VALUE);
        }
        return event.toMap().keySet().stream()
                .filter(given -> given.equalsIgnoreCase(field))
                .findAny()
                .map(given -> "there is no field " + field + ", but " + given)
                .orElse("there is no field " + field);
    }

    /** The answer with all handlers, near or not. */
    static Map<String, Object> json(Explanation explanation, Message event, List<String> stopped) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("tract", event.tract());
        json.put("event", event.event());
        List<Map<String, Object>> handlers = new ArrayList<>();
        int place = 0;
        for (Verdict verdict : explanation.called()) {
            place++;
            handlers.add(json(verdict, place, verdict.reason()));
        }
        others(explanation, event, false).forEach(other -> handlers.add(json(other.verdict(), null, other.reason())));
        json.put("handlers", handlers);
        json.put("stoppedApps", stopped);
        return json;
    }

    private static Map<String, Object> json(Verdict verdict, Integer place, String reason) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("app", verdict.app());
        json.put("handler", verdict.name());
        json.put("id", verdict.serviceId() == 0 ? null : verdict.serviceId());
        json.put("bundleId", verdict.bundleId());
        json.put("bundle", verdict.bundle());
        json.put("version", verdict.version());
        json.put(
                "subscriptions",
                verdict.subscriptions().stream()
                        .map(each -> Map.of("tract", each.tract(), "event", each.event()))
                        .toList());
        json.put("filter", verdict.filter().isEmpty() ? null : verdict.filter());
        json.put("outcome", Words.key(verdict.outcome()));
        json.put("place", place);
        json.put("reason", reason.isEmpty() ? null : reason);
        return json;
    }

    private static String word(Outcome outcome) {
        return switch (outcome) {
            case CALLED -> "called";
            case QUARANTINED -> "quarantine";
            case PARKED -> "parked";
            case ABSENT -> "not there";
            case FILTERED -> "filter";
            case UNNAMED -> "names";
            case BAD -> "bad";
        };
    }

    private static String names(Verdict verdict) {
        String names = verdict.subscriptions().stream()
                .map(each -> each.tract() + "/" + each.event())
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "-" : Printable.of(names, MAX_NAMES);
    }

    private static String label(Verdict verdict) {
        return name(verdict.app()) + "/" + name(verdict.name());
    }

    private static String bundle(Verdict verdict) {
        return verdict.bundleId() + " " + name(verdict.bundle()) + " " + name(verdict.version());
    }

    private static String handlers(int count) {
        return count + (count == 1 ? " handler" : " handlers");
    }
}
