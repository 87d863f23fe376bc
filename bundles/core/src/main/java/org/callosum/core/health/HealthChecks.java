// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.health;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import org.callosum.core.Bridge;
import org.callosum.core.BridgeStatus;
import org.callosum.core.Dispatcher;
import org.callosum.core.HandlerStatus;
import org.callosum.core.Health;
import org.callosum.core.HealthStatus;
import org.callosum.core.HealthStatus.State;
import org.callosum.core.InvocationStatus;
import org.callosum.core.ParkedStatus;
import org.callosum.transport.TransportStatus;

/**
 * The checks, by the numbers of a bridge and a dispatcher.
 *
 * <p>Critical is what keeps events from being handled. One app that is not well is none of that: it touches nobody else.
 *
 * <p><b>Threads.</b> Any; nothing is kept from one check to the next.
 */
public final class HealthChecks implements Health {
    /** How many names a sentence has. */
    private static final int MAX_NAMED = 5;

    private final Bridge bridge;
    private final Dispatcher dispatcher;
    private volatile Limits limits;

    /**
     * Checks of these.
     *
     * @param bridge {@code null} if there is none
     * @param dispatcher {@code null} if there is none
     */
    public HealthChecks(Bridge bridge, Dispatcher dispatcher, Limits limits) {
        this.bridge = bridge;
        this.dispatcher = dispatcher;
        this.limits = limits;
    }

    /** Uses other limits, from the next check on. */
    public void apply(Limits changed) {
        limits = changed;
    }

    @Override
    public List<HealthStatus> check() {
        Limits now = limits;
        BridgeStatus status = bridge == null ? null : bridge.status();
        return List.of(bus(status), dispatcher(status, now), queue(status, now), handlers(), parked(now));
    }

    private static HealthStatus bus(BridgeStatus status) {
        if (status == null || status.transport().isEmpty()) {
            return critical("bus", "there is none: the bundle org.callosum.bus, or org.callosum.core, is not running");
        }
        TransportStatus bus = status.transport().get();
        String text = bus.mode() + " on " + bus.address() + ", " + (bus.up() ? "up" : "down");
        return new HealthStatus("bus", bus.up() ? State.OK : State.CRITICAL, text);
    }

    private HealthStatus dispatcher(BridgeStatus status, Limits now) {
        if (dispatcher == null || !dispatcher.isRunning()) {
            return critical("dispatcher", "it is stopped: the bundle org.callosum.core is not running");
        }
        Duration underWay = dispatcher.underWay();
        State state = now.of(underWay);
        if (state != State.OK) {
            return new HealthStatus(
                    "dispatcher",
                    state,
                    "one event has been under way for " + seconds(underWay) + ": 'callosum:running' shows where");
        }
        if (status == null || !status.dispatching()) {
            return warn("dispatcher", "no event is dispatched yet: it waits until the apps are up");
        }
        return ok("dispatcher", status.dispatched() + " events were dispatched");
    }

    private static HealthStatus queue(BridgeStatus status, Limits now) {
        if (status == null) {
            return critical("queue", "there is none: the bundle org.callosum.core is not running");
        }
        String text = status.queued() == 0
                ? "no event waits"
                : status.queued() + " events wait, the oldest for " + seconds(status.oldestQueued());
        if (status.spilled() > 0) {
            text += ", " + status.spilled() + " of them on disk";
        }
        if (status.givenUp() > 0) {
            text += "; " + status.givenUp() + " were given up since the start";
        }
        return new HealthStatus("queue", now.of(status.oldestQueued()), text);
    }

    private HealthStatus handlers() {
        List<HandlerStatus> all = dispatcher == null ? List.of() : dispatcher.handlers();
        List<String> troubles = new ArrayList<>();
        add(troubles, "in quarantine", labels(all, HandlerStatus.State.QUARANTINED));
        add(troubles, "failed to be had", labels(all, HandlerStatus.State.FAILED));
        add(troubles, "badly registered", labels(all, HandlerStatus.State.BAD));
        add(troubles, "written off and still running", writtenOff());
        return troubles.isEmpty()
                ? ok("handlers", all.size() + " are well")
                : warn("handlers", String.join("; ", troubles) + ": 'callosum:handlers' shows why");
    }

    private HealthStatus parked(Limits now) {
        List<ParkedStatus> away = dispatcher == null
                ? List.of()
                : dispatcher.parked().stream()
                        .filter(app -> app.state() != ParkedStatus.State.QUARANTINED) // said of the handlers
                        .toList();
        if (away.isEmpty()) {
            return ok("parked", "no app is away");
        }
        boolean isLong = away.stream().anyMatch(app -> app.givenUp() > 0 || now.of(app.since()) != State.OK);
        List<String> texts = away.stream()
                .map(app -> app.app() + " left " + seconds(app.since()) + " ago with " + app.events()
                        + " events parked and " + app.givenUp() + " given up")
                .toList();
        return new HealthStatus("parked", isLong ? State.WARN : State.OK, names(texts));
    }

    private List<String> writtenOff() {
        return dispatcher == null
                ? List.of()
                : dispatcher.slow().stream()
                        .filter(each -> each.state() == InvocationStatus.State.WRITTEN_OFF)
                        .map(each -> each.app() + "/" + each.handler())
                        .distinct()
                        .toList();
    }

    private static List<String> labels(List<HandlerStatus> handlers, HandlerStatus.State state) {
        return handlers.stream()
                .filter(handler -> handler.state() == state)
                .map(handler -> handler.app() + "/" + handler.name())
                .toList();
    }

    private static void add(List<String> troubles, String trouble, List<String> labels) {
        if (!labels.isEmpty()) {
            troubles.add(labels.size() + " " + trouble + " (" + names(labels) + ")");
        }
    }

    private static String names(List<String> all) {
        String some = all.stream().limit(MAX_NAMED).collect(Collectors.joining(", "));
        return all.size() > MAX_NAMED ? some + " and " + (all.size() - MAX_NAMED) + " more" : some;
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toNanos() / 1e9);
    }

    private static HealthStatus ok(String check, String text) {
        return new HealthStatus(check, State.OK, text);
    }

    private static HealthStatus warn(String check, String text) {
        return new HealthStatus(check, State.WARN, text);
    }

    private static HealthStatus critical(String check, String text) {
        return new HealthStatus(check, State.CRITICAL, text);
    }
}
