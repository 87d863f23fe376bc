// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.util.Map;

import org.callosum.core.BridgeStatus;
import org.callosum.shell.Table.Column;

/** What was received and is not dispatched yet: in memory, and on disk. */
final class QueueView {
    private QueueView() {}

    static String text(BridgeStatus bridge, Screen screen) {
        Table table = new Table(
                Column.word("WHERE"), Column.number("EVENTS"), Column.number("SIZE"), Column.number("OLDEST"));
        long inMemory = bridge.queued() - bridge.spilled();
        table.row(
                "in memory",
                inMemory,
                Amounts.size(bridge.queuedBytes()),
                inMemory == 0 ? "-" : Amounts.duration(bridge.oldestQueued()));
        table.row(
                "on disk",
                (bridge.spilled() > 0 ? Urgency.WARNING : Urgency.NONE).cell(bridge.spilled()),
                Amounts.size(bridge.spilledBytes()),
                bridge.spilled() == 0 ? "-" : Amounts.duration(bridge.oldestSpilled()));
        Table sums = new Table(Column.word(""), Column.sentence(""));
        addSums(sums, bridge);
        return table.text(screen) + "\n" + sums.text(screen);
    }

    /** What went through since the start. */
    static void addSums(Table table, BridgeStatus bridge) {
        table.row("Received", events(bridge.received()));
        table.row("Dispatched", events(bridge.dispatched()));
        table.row("Given up", (bridge.givenUp() > 0 ? Urgency.ALARM : Urgency.NONE).cell(events(bridge.givenUp())));
        table.row("Emitted", count(bridge.emitted(), "message"));
        table.row("Refused", count(bridge.refused(), "message"));
    }

    /** In memory, in a line. */
    static String depth(BridgeStatus bridge) {
        return depth(bridge.queued(), bridge.queuedBytes(), bridge.oldestQueued());
    }

    /** On disk, in a line. */
    static String spilled(BridgeStatus bridge) {
        return depth(bridge.spilled(), bridge.spilledBytes(), bridge.oldestSpilled());
    }

    private static String depth(long events, long bytes, Duration oldest) {
        String depth = events(events) + ", " + Amounts.size(bytes);
        return events == 0 ? depth : depth + ", the oldest for " + Amounts.duration(oldest);
    }

    /** For scripts. */
    static Map<String, Object> json(BridgeStatus bridge) {
        return Fields.of(
                "dispatching", bridge.dispatching(),
                "queued", bridge.queued(),
                "queuedBytes", bridge.queuedBytes(),
                "oldestQueuedNanos", bridge.oldestQueued().toNanos(),
                "spilled", bridge.spilled(),
                "spilledBytes", bridge.spilledBytes(),
                "oldestSpilledNanos", bridge.oldestSpilled().toNanos(),
                "received", bridge.received(),
                "dispatched", bridge.dispatched(),
                "givenUp", bridge.givenUp(),
                "emitted", bridge.emitted(),
                "refused", bridge.refused());
    }

    static String events(long count) {
        return count(count, "event");
    }

    static String count(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }
}
