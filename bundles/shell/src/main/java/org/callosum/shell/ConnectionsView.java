// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import org.callosum.api.Printable;
import org.callosum.shell.Table.Column;
import org.callosum.transport.ConnectionStatus;
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
    static String open(List<ConnectionStatus> connections, Instant now) {
        if (connections.isEmpty()) {
            return "No connections.\n";
        }
        Table table = new Table(
                Column.number("CLIENT"),
                Column.text("USER"),
                Column.text("PROCESS"),
                Column.text("STATE"),
                Column.number("FOR"),
                Column.number("FRAMES IN"),
                Column.number("SIZE IN"),
                Column.number("INVALID"),
                Column.number("TOO LONG"),
                Column.number("HELD"),
                Column.number("FRAMES OUT"),
                Column.number("SIZE OUT"),
                Column.number("DROPPED"),
                Column.number("BACKLOG"),
                Column.number("OLDEST"),
                Column.text("MOSTLY SENDS"));
        for (ConnectionStatus each : byNumber(connections)) {
            table.row(
                    each.id(),
                    who(each),
                    process(each),
                    each.state().name().toLowerCase(Locale.ROOT).replace('_', '-'),
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
        return table.toString();
    }

    /** Those that were closed, by number. */
    static String closed(List<ConnectionStatus> connections, Instant now) {
        if (connections.isEmpty()) {
            return "No closed connections are remembered.\n";
        }
        Table table = new Table(
                Column.number("CLOSED"),
                Column.text("USER"),
                Column.text("PROCESS"),
                Column.number("AGO"),
                Column.number("AFTER"),
                Column.number("FRAMES IN"),
                Column.number("SIZE IN"),
                Column.number("INVALID"),
                Column.number("TOO LONG"),
                Column.number("FRAMES OUT"),
                Column.number("SIZE OUT"),
                Column.number("DROPPED"),
                Column.number("BACKLOG"),
                Column.number("OLDEST"),
                Column.text("MOSTLY SENT"),
                Column.text("LAST FRAME"),
                Column.text("WHY"));
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
        return table.toString();
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
