// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

import org.callosum.api.Printable;
import org.callosum.core.BridgeStatus;
import org.callosum.core.HandlerStatus;
import org.callosum.core.InvocationStatus;
import org.callosum.core.ParkedStatus;
import org.callosum.shell.Attention.Seen;
import org.callosum.shell.Table.Column;
import org.callosum.transport.TransportStatus;

import static org.callosum.shell.HandlersView.name;

/** How the runtime stands, on one screen: what needs attention, then the bus, the way from it, and the dispatcher. */
final class StatusView {
    private static final int MAX_ADDRESS = 120;

    private StatusView() {}

    /**
     * What runs here.
     *
     * @param version of Callosum
     * @param up since when the process runs
     */
    record Runtime(String version, Duration up) {}

    static String text(Runtime runtime, Seen seen, List<Attention> attention, Screen screen) {
        Table table = new Table(Column.word(""), Column.sentence(""));
        table.row(
                "Callosum",
                Printable.of(runtime.version(), MAX_ADDRESS) + ", up for " + Amounts.duration(runtime.up())
                        + ", on Java " + System.getProperty("java.version"));
        if (seen.bridge() == null) {
            table.row("Bridge", Urgency.ALARM.cell("none: the bundle org.callosum.core is not running"));
        } else {
            addBridge(table, seen.bridge());
        }
        addDispatcher(table, seen);
        return attention(attention, screen) + "\n" + table.text(screen);
    }

    private static String attention(List<Attention> attention, Screen screen) {
        if (attention.isEmpty()) {
            return "Nothing needs attention.\n";
        }
        Table table =
                new Table(Column.word("ATTENTION"), Column.text("WHO"), Column.word("SEE"), Column.sentence("WHY"));
        for (Attention each : attention) {
            table.row(each.urgency().cell(each.what()), each.who(), each.see(), each.why());
        }
        return table.text(screen);
    }

    private static void addBridge(Table table, BridgeStatus bridge) {
        bridge.transport()
                .ifPresentOrElse(
                        transport -> addTransport(table, transport),
                        () -> table.row("Bus", Urgency.ALARM.cell("none: the bundle org.callosum.bus is not running")));
        table.row("Dispatching", bridge.dispatching() ? "yes" : "no: waiting until the apps are up, or stopped");
        table.row("Queue", QueueView.depth(bridge));
        table.row("Spilled", QueueView.spilled(bridge));
        QueueView.addSums(table, bridge);
    }

    private static void addTransport(Table table, TransportStatus transport) {
        String text = name(transport.mode()) + " on " + Printable.of(transport.address(), MAX_ADDRESS) + ", "
                + (transport.up() ? "up" : "down");
        table.row("Bus", (transport.up() ? Urgency.NONE : Urgency.ALARM).cell(text));
        String counts = transport.counters().entrySet().stream()
                .filter(counter -> counter.getValue() != 0 && !counter.getKey().startsWith("memory"))
                .map(StatusView::count)
                .collect(Collectors.joining(", "));
        Long limit = transport.counters().get("memoryLimitBytes");
        if (limit != null) {
            table.row(
                    "Bus memory",
                    Amounts.size(transport.counters().get("memoryBytes")) + " of " + Amounts.size(limit)
                            + " for what waits to go out and what has begun to come");
        }
        if (!counts.isEmpty()) {
            table.row("Bus counts", counts);
        }
    }

    private static String count(Map.Entry<String, Long> counter) {
        boolean isSize = counter.getKey().toLowerCase(Locale.ROOT).contains("bytes");
        return name(counter.getKey()) + " "
                + (isSize
                        ? Amounts.size(counter.getValue())
                        : counter.getValue().toString());
    }

    private static void addDispatcher(Table table, Seen seen) {
        if (seen.isDispatcherRunning() == null) {
            table.row("Dispatcher", Urgency.ALARM.cell("none: the bundle org.callosum.core is not running"));
            return;
        }
        List<HandlerStatus> handlers = seen.handlers();
        table.row("Dispatcher", seen.isDispatcherRunning() ? "running" : Urgency.ALARM.cell("stopped"));
        table.row("Apps", seen.apps().size());
        table.row("Handlers", handlers.size() + states(handlers));
        table.row("Invoked", invoked(handlers));
        table.row("Parked", parked(seen.parked()));
        table.row("Running", running(seen.running()));
    }

    private static String states(List<HandlerStatus> handlers) {
        StringBuilder states = new StringBuilder();
        for (HandlerStatus.State state : HandlerStatus.State.values()) {
            long count = handlers.stream().filter(each -> each.state() == state).count();
            if (count > 0 && state != HandlerStatus.State.ACTIVE) {
                states.append(", " + count + " " + Words.of(state));
            }
        }
        return states.toString();
    }

    private static String invoked(List<HandlerStatus> handlers) {
        return QueueView.count(
                        handlers.stream().mapToLong(HandlerStatus::invoked).sum(), "time")
                + ", " + handlers.stream().mapToLong(HandlerStatus::failed).sum() + " failed, "
                + handlers.stream().mapToLong(HandlerStatus::timedOut).sum() + " timed out, "
                + Amounts.rate(
                        handlers.stream().mapToDouble(HandlerStatus::perSecond).sum()) + " now";
    }

    private static String parked(List<ParkedStatus> parked) {
        return parked.isEmpty()
                ? "none"
                : QueueView.events(
                                parked.stream().mapToLong(ParkedStatus::events).sum()) + " for "
                        + QueueView.count(parked.size(), "app") + ": 'callosum:parked' shows them";
    }

    private static String running(List<InvocationStatus> running) {
        long writtenOff = running.stream()
                .filter(each -> each.state() == InvocationStatus.State.WRITTEN_OFF)
                .count();
        return running.isEmpty()
                ? "nothing for long"
                : running.size() + " for more than a moment, " + writtenOff
                        + " written off: 'callosum:running' shows them";
    }

    /** For scripts. */
    static Map<String, Object> json(Runtime runtime, Seen seen, List<Attention> attention) {
        List<HandlerStatus> handlers = seen.handlers();
        return Fields.of(
                "attention",
                attention.stream().map(Attention::json).toList(),
                "version",
                runtime.version(),
                "upNanos",
                runtime.up().toNanos(),
                "transport",
                seen.bridge() == null
                        ? null
                        : seen.bridge().transport().map(StatusView::json).orElse(null),
                "queue",
                seen.bridge() == null ? null : QueueView.json(seen.bridge()),
                "dispatcherRunning",
                seen.isDispatcherRunning(),
                "apps",
                seen.apps().size(),
                "handlers",
                handlers.size(),
                "invoked",
                handlers.stream().mapToLong(HandlerStatus::invoked).sum(),
                "failed",
                handlers.stream().mapToLong(HandlerStatus::failed).sum(),
                "timedOut",
                handlers.stream().mapToLong(HandlerStatus::timedOut).sum(),
                "perSecond",
                handlers.stream().mapToDouble(HandlerStatus::perSecond).sum(),
                "parkedEvents",
                seen.parked().stream().mapToLong(ParkedStatus::events).sum(),
                "runningLong",
                seen.running().size());
    }

    private static Map<String, Object> json(TransportStatus transport) {
        return Fields.of(
                "mode", transport.mode(),
                "address", transport.address(),
                "up", transport.up(),
                "counters", transport.counters());
    }
}
