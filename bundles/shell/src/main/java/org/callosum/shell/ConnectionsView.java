// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.callosum.api.Printable;
import org.callosum.shell.Table.Column;
import org.callosum.transport.ConnectionStatus;
import org.callosum.transport.ConnectionStatus.Peer;
import org.callosum.transport.ConnectionStatus.Tract;

import static org.callosum.shell.HandlersView.name;

/** The connections of the bus: who is at the other end, and what went to and fro. */
final class ConnectionsView {
    /** How many of its tracts are named of each connection. */
    private static final int MAX_TRACTS = 3;

    private static final int MAX_TRACT = 20;
    private static final int MAX_REASON = 100;

    private ConnectionsView() {}

    /** Those that are open, by number. */
    static String open(List<ConnectionStatus> connections, Instant now, Screen screen) {
        if (connections.isEmpty()) {
            return "No connections.\n";
        }
        Table table = new Table(
                Column.number("CLIENT"),
                Column.text("USER"),
                Column.text("PROCESS"),
                Column.text("STATE"),
                Column.number("FOR"),
                Column.number("FRAMES IN").lesser(),
                Column.number("SIZE IN").lesser(),
                Column.number("INVALID").lesser(),
                Column.number("TOO LONG").lesser(),
                Column.number("HELD").lesser(),
                Column.number("FRAMES OUT").lesser(),
                Column.number("SIZE OUT").lesser(),
                Column.number("DROPPED").lesser(),
                Column.number("BACKLOG"),
                Column.number("OLDEST"),
                Column.text("MOSTLY SENDS").lesser());
        for (ConnectionStatus each : byNumber(connections)) {
            table.row(
                    each.id(),
                    who(each),
                    process(each),
                    urgency(each).cell(Words.key(each.state())),
                    Amounts.duration(between(each.since(), now)),
                    each.framesIn(),
                    Amounts.size(each.bytesIn()),
                    each.invalid(),
                    each.tooLong(),
                    Amounts.size(each.heldBytes()),
                    each.framesOut(),
                    Amounts.size(each.bytesOut()),
                    each.dropped(),
                    Amounts.size(each.backlogBytes()),
                    each.oldestUnsent().map(Amounts::duration).orElse("-"),
                    tracts(each));
        }
        return table.text(screen);
    }

    /** Those that were closed, by number. */
    static String closed(List<ConnectionStatus> connections, Instant now, Screen screen) {
        if (connections.isEmpty()) {
            return "No closed connections are remembered.\n";
        }
        Table table = new Table(
                Column.number("CLOSED"),
                Column.text("USER"),
                Column.text("PROCESS"),
                Column.number("AGO"),
                Column.number("AFTER").lesser(),
                Column.number("FRAMES IN").lesser(),
                Column.number("SIZE IN").lesser(),
                Column.number("INVALID").lesser(),
                Column.number("TOO LONG").lesser(),
                Column.number("FRAMES OUT").lesser(),
                Column.number("SIZE OUT").lesser(),
                Column.number("DROPPED").lesser(),
                Column.number("BACKLOG").lesser(),
                Column.number("OLDEST").lesser(),
                Column.text("MOSTLY SENT").lesser(),
                Column.text("LAST FRAME").lesser(),
                Column.sentence("WHY"));
        for (ConnectionStatus each : byNumber(connections)) {
            Instant until = each.until().orElse(now);
            table.row(
                    each.id(),
                    who(each),
                    process(each),
                    Amounts.duration(between(until, now)),
                    Amounts.duration(between(each.since(), until)),
                    each.framesIn(),
                    Amounts.size(each.bytesIn()),
                    each.invalid(),
                    each.tooLong(),
                    each.framesOut(),
                    Amounts.size(each.bytesOut()),
                    each.dropped(),
                    Amounts.size(each.backlogBytes()),
                    each.oldestUnsent().map(Amounts::duration).orElse("-"),
                    tracts(each),
                    each.lastFrame().isEmpty() ? "-" : name(each.lastFrame()),
                    Printable.of(each.reason(), MAX_REASON));
        }
        return table.text(screen);
    }

    /** Those that are open, and those that were closed if they are asked for, by number. */
    static List<Map<String, Object>> json(List<ConnectionStatus> open, List<ConnectionStatus> closed) {
        return byNumber(Stream.concat(open.stream(), closed.stream()).toList()).stream()
                .map(ConnectionsView::json)
                .toList();
    }

    private static Map<String, Object> json(ConnectionStatus each) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", each.id());
        json.put("user", each.user());
        json.put("group", each.group());
        json.put("pid", each.process().map(Peer::pid).orElse(null));
        json.put("command", each.process().map(Peer::command).orElse(null));
        json.put("state", Words.key(each.state()));
        json.put("since", each.since().toString());
        json.put("until", each.until().map(Instant::toString).orElse(null));
        json.put("reason", each.reason().isEmpty() ? null : each.reason());
        json.put("framesIn", each.framesIn());
        json.put("bytesIn", each.bytesIn());
        json.put("invalid", each.invalid());
        json.put("tooLong", each.tooLong());
        json.put("heldBytes", each.heldBytes());
        json.put("framesOut", each.framesOut());
        json.put("bytesOut", each.bytesOut());
        json.put("dropped", each.dropped());
        json.put("backlogBytes", each.backlogBytes());
        json.put("oldestUnsentNanos", each.oldestUnsent().map(Duration::toNanos).orElse(null));
        json.put(
                "tracts",
                each.tracts().stream()
                        .map(tract -> Fields.of("name", tract.name(), "frames", tract.frames()))
                        .toList());
        json.put("lastFrame", each.lastFrame().isEmpty() ? null : each.lastFrame());
        return json;
    }

    private static Urgency urgency(ConnectionStatus connection) {
        return connection.state() == ConnectionStatus.State.HOLDS_UP ? Urgency.ALARM : Urgency.NONE;
    }

    private static List<ConnectionStatus> byNumber(List<ConnectionStatus> connections) {
        return connections.stream()
                .sorted(Comparator.comparingLong(ConnectionStatus::id))
                .toList();
    }

    private static String who(ConnectionStatus connection) {
        return name(connection.user()) + ":" + name(connection.group());
    }

    private static String process(ConnectionStatus connection) {
        return connection
                .process()
                .map(process -> (process.pid() + " " + name(process.command())).strip())
                .orElse("-");
    }

    /** The tracts with their share of the frames, cut to whole percents: it is known to be at least that. */
    private static String tracts(ConnectionStatus connection) {
        String tracts = connection.tracts().stream()
                .limit(MAX_TRACTS)
                .map(tract -> Printable.of(tract.name(), MAX_TRACT) + " " + percent(tract, connection) + " %")
                .collect(Collectors.joining(", "));
        return tracts.isEmpty() ? "-" : tracts;
    }

    private static long percent(Tract tract, ConnectionStatus connection) {
        return 100 * tract.frames() / Math.max(1, connection.framesIn());
    }

    /** Never negative: the clock may have been set. */
    private static Duration between(Instant from, Instant to) {
        return to.isBefore(from) ? Duration.ZERO : Duration.between(from, to);
    }
}
