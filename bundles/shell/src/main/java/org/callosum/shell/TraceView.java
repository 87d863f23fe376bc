// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

import org.callosum.api.Message;
import org.callosum.api.Printable;
import org.callosum.core.TracedEvent;
import org.callosum.core.TracedEvent.Call;
import org.callosum.core.TracedEvent.Result;
import org.callosum.shell.Table.Column;

import static org.callosum.shell.HandlersView.name;

/** What became of one event. */
final class TraceView {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT);
    private static final int MAX_LINE = 10_000;
    private static final int MAX_FAILURE = 300;
    private static final int MAX_EMITTED = 400;
    private static final int MAX_THREAD = 60;

    private TraceView() {}

    /**
     * A line for the event, and one for each handler.
     *
     * @param isOver whether it is over; else it is shown as it stands
     */
    static String text(TracedEvent event, boolean isOver, ZoneId zone, Screen screen) {
        StringBuilder text = new StringBuilder();
        text.append(TIME.format(event.received().atZone(zone)) + " " + name(event.tract()) + "/" + name(event.event())
                + " received" + (event.wasParked() ? ", parked, and handed over now" : "")
                + event.queued()
                        .map(queued -> ", queued for " + Amounts.duration(queued))
                        .orElse("")
                + (isOver ? ", done after " : ", under way for ") + Amounts.duration(event.took()) + "\n");
        event.message().ifPresent(message -> text.append("  " + Printable.of(message.toJson(), MAX_LINE) + "\n"));
        if (!event.calls().isEmpty()) {
            text.append(calls(event.calls(), screen));
        } else if (event.parked().isEmpty()) {
            text.append("  no handler\n");
        }
        if (!event.parked().isEmpty()) {
            text.append("  "
                    + screen.paint(
                            Urgency.WARNING,
                            "parked for "
                                    + event.parked().stream()
                                            .map(HandlersView::name)
                                            .collect(Collectors.joining(", ")))
                    + "\n");
        }
        return text.toString();
    }

    private static String calls(List<Call> calls, Screen screen) {
        Table table = new Table(
                Column.text("  APP/HANDLER"),
                Column.number("AFTER"),
                Column.number("TOOK"),
                Column.word("RESULT"),
                Column.text("EMITTED"),
                Column.text("THREAD").lesser(),
                Column.sentence("FAILURE"));
        for (Call call : calls) {
            table.row(
                    "  " + name(call.app()) + "/" + name(call.handler()),
                    Amounts.duration(call.after()),
                    Amounts.duration(call.took()),
                    urgency(call.result()).cell(Words.of(call.result())),
                    call.emitted().isEmpty() ? "-" : emitted(call),
                    Printable.of(call.thread(), MAX_THREAD),
                    call.failure().isEmpty() ? "-" : Printable.of(call.failure(), MAX_FAILURE));
        }
        return table.text(screen);
    }

    private static String emitted(Call call) {
        String emitted = String.join(", ", call.emitted());
        return Printable.of(
                call.emittedMore() == 0 ? emitted : emitted + " and " + call.emittedMore() + " more", MAX_EMITTED);
    }

    private static Urgency urgency(Result result) {
        return switch (result) {
            case FAILED, TIMED_OUT, UNAVAILABLE -> Urgency.ALARM;
            case LEFT, RUNNING -> Urgency.WARNING;
            case ENDED -> Urgency.NONE;
        };
    }

    /** The same as values. */
    static Map<String, Object> json(TracedEvent event, boolean isOver) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("tract", event.tract());
        json.put("event", event.event());
        json.put("received", event.received().toString());
        json.put("queuedNanos", event.queued().map(Duration::toNanos).orElse(null));
        json.put("wasParked", event.wasParked());
        json.put("isOver", isOver);
        json.put("tookNanos", event.took().toNanos());
        json.put("calls", event.calls().stream().map(TraceView::json).toList());
        json.put("parkedFor", event.parked());
        event.message().map(Message::toMap).ifPresent(fields -> json.put("fields", fields));
        return json;
    }

    private static Map<String, Object> json(Call call) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("app", call.app());
        json.put("handler", call.handler());
        json.put("id", call.serviceId());
        json.put("afterNanos", call.after().toNanos());
        json.put("tookNanos", call.took().toNanos());
        json.put("result", Words.key(call.result()));
        json.put("failure", call.failure().isEmpty() ? null : call.failure());
        json.put("thread", call.thread());
        json.put("emitted", call.emitted());
        json.put("emittedMore", call.emittedMore());
        return json;
    }
}
