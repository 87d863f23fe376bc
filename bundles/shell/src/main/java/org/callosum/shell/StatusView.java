// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.callosum.api.Printable;
import org.callosum.core.BridgeStatus;
import org.callosum.core.Dispatcher;
import org.callosum.core.HandlerStatus;
import org.callosum.core.InvocationStatus;
import org.callosum.core.ParkedStatus;
import org.callosum.shell.Table.Column;
import org.callosum.transport.TransportStatus;

import static org.callosum.shell.HandlersView.name;

/** How the bus, the way from it, and the dispatcher stand. */
final class StatusView {
    private static final int MAX_ADDRESS = 120;

    /** How many apps are shown for which events were parked once. */
    private static final int MAX_BEFORE = 5;

    private StatusView() {}

    /**
     * The bus, the way from it, and the dispatcher.
     *
     * @param bridge {@code null} if there is none
     * @param dispatcher {@code null} if there is none
     */
    static String text(BridgeStatus bridge, Dispatcher dispatcher) {
        Table table = new Table(Column.text(""), Column.text(""));
        if (bridge == null) {
            table.row("Bridge", "none: the bundle org.callosum.core is not running");
        } else {
            addBridge(table, bridge);
        }
        if (dispatcher == null) {
            return table.row("Dispatcher", "none: the bundle org.callosum.core is not running")
                    .toString();
        }
        List<InvocationStatus> running = dispatcher.slow();
        List<ParkedStatus> parked = dispatcher.parked();
        List<ParkedStatus> before = dispatcher.parkedBefore().stream()
                .filter(app -> app.parked() > 0 || app.givenUp() > 0)
                .limit(MAX_BEFORE)
                .toList();
        addDispatcher(table, dispatcher.isRunning(), dispatcher.handlers());
        table.row("Parked", parked.isEmpty() ? "none" : parked.size() + ", see below");
        table.row("Slow", slow(running));
        return table
                + (parked.isEmpty() ? "" : "\n" + parked("PARKED APP", parked))
                + (before.isEmpty() ? "" : "\n" + parked("PARKED BEFORE", before))
                + (running.isEmpty() ? "" : "\n" + RunningView.table(running));
    }

    private static void addBridge(Table table, BridgeStatus bridge) {
        bridge.transport()
                .ifPresentOrElse(
                        transport -> addTransport(table, transport),
                        () -> table.row("Bus", "none: the bundle org.callosum.bus is not running"));
        table.row("Dispatching", bridge.dispatching() ? "yes" : "no: waiting until the apps are up, or stopped");
        table.row("Queue", queue(bridge));
        table.row("Spilled", spilled(bridge));
        table.row("Received", events(bridge.received()));
        table.row("Dispatched", events(bridge.dispatched()));
        table.row("Given up", events(bridge.givenUp()));
        table.row("Emitted", messages(bridge.emitted()));
        table.row("Refused", messages(bridge.refused()));
    }

    private static void addTransport(Table table, TransportStatus transport) {
        table.row(
                "Bus",
                name(transport.mode()) + " on " + Printable.of(transport.address(), MAX_ADDRESS) + ", "
                        + (transport.up() ? "up" : "down"));
        for (Map.Entry<String, Long> counter : transport.counters().entrySet()) {
            boolean isSize = counter.getKey().endsWith("Bytes");
            table.row(
                    "  " + name(counter.getKey()),
                    isSize
                            ? Amounts.size(counter.getValue())
                            : counter.getValue().toString());
        }
    }

    private static String queue(BridgeStatus bridge) {
        String depth = events(bridge.queued()) + ", " + Amounts.size(bridge.queuedBytes());
        return bridge.queued() == 0 ? depth : depth + ", the oldest for " + Amounts.duration(bridge.oldestQueued());
    }

    private static String spilled(BridgeStatus bridge) {
        String depth = events(bridge.spilled()) + ", " + Amounts.size(bridge.spilledBytes());
        return bridge.spilled() == 0 ? depth : depth + ", the oldest for " + Amounts.duration(bridge.oldestSpilled());
    }

    private static void addDispatcher(Table table, boolean isRunning, List<HandlerStatus> handlers) {
        long bad = count(handlers, HandlerStatus.State.BAD);
        long failed = count(handlers, HandlerStatus.State.FAILED);
        long quarantined = count(handlers, HandlerStatus.State.QUARANTINED);
        String remedy = bad + failed + quarantined == 0 ? "" : ": 'handlers' shows why";
        table.row("Dispatcher", isRunning ? "running" : "stopped");
        table.row(
                "Handlers",
                handlers.size() + ", " + bad + " bad, " + failed + " failed"
                        + (quarantined == 0 ? "" : ", " + quarantined + " in quarantine") + remedy);
    }

    private static long count(List<HandlerStatus> handlers, HandlerStatus.State state) {
        return handlers.stream().filter(handler -> handler.state() == state).count();
    }

    private static String parked(String title, List<ParkedStatus> apps) {
        Table table = new Table(
                Column.text(title),
                Column.text("BUNDLE"),
                Column.text("STATE"),
                Column.number("LEFT AGO"),
                Column.number("AWAY"),
                Column.number("EVENTS"),
                Column.number("SIZE"),
                Column.number("PARKED"),
                Column.number("HANDED OVER"),
                Column.number("GIVEN UP"));
        for (ParkedStatus app : apps) {
            table.row(
                    name(app.app()),
                    name(app.bundle()),
                    name(app.state().name().toLowerCase(Locale.ROOT)),
                    Amounts.duration(app.since()),
                    Amounts.duration(app.away()),
                    Long.toString(app.events()),
                    Amounts.size(app.bytes()),
                    Long.toString(app.parked()),
                    Long.toString(app.handedOver()),
                    Long.toString(app.givenUp()));
        }
        return table.toString();
    }

    private static String slow(List<InvocationStatus> running) {
        long writtenOff = running.stream()
                .filter(each -> each.state() == InvocationStatus.State.WRITTEN_OFF)
                .count();
        return running.isEmpty()
                ? "none"
                : running.size() + " still running, " + writtenOff + " written off, see below";
    }

    private static String events(long count) {
        return count + (count == 1 ? " event" : " events");
    }

    private static String messages(long count) {
        return count + (count == 1 ? " message" : " messages");
    }
}
