// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.callosum.api.Printable;
import org.callosum.core.AbsentComponent;
import org.callosum.core.BridgeStatus;
import org.callosum.core.HandlerFailure;
import org.callosum.core.HandlerStatus;
import org.callosum.core.InvocationStatus;
import org.callosum.core.ParkedStatus;
import org.callosum.shell.AppsView.App;
import org.callosum.transport.ConnectionStatus;
import org.callosum.transport.TransportStatus;

import static org.callosum.shell.HandlersView.label;
import static org.callosum.shell.HandlersView.name;

/**
 * One thing that an operator should look at. Immutable.
 *
 * @param urgency whether something does not work, or is not as it should be
 * @param what what is the matter, in a word or two
 * @param who whose matter it is
 * @param see the command that shows more
 * @param why the cause, as far as it fits into a sentence
 */
record Attention(Urgency urgency, String what, String who, String see, String why) {
    /** For so long a failure or an overrun that is over is worth looking at; its numbers stay in 'handlers'. */
    static final Duration RECENT = Duration.ofHours(1);

    /** From then on what runs is slow, and what waits is late. */
    private static final Duration SLOW = Duration.ofSeconds(1);

    private static final Duration LATE = Duration.ofSeconds(10);
    private static final int MAX_WHY = 300;

    /** What is to be known of a bus that this runtime is only a client of. */
    private static final String NOT_CONNECTED =
            ": not connected. It connects as soon as somebody serves there; if nobody is to, save"
                    + " 'mode = server' in the configuration org.callosum.bus";

    /** What the runtime is at one moment. A part that is not there is {@code null}, a list empty. */
    record Seen(
            BridgeStatus bridge,
            List<ConnectionStatus> connections,
            Boolean isDispatcherRunning,
            List<App> apps,
            List<HandlerStatus> handlers,
            List<InvocationStatus> running,
            List<ParkedStatus> parked) {}

    /** What is the matter, what does not work at all first. */
    static List<Attention> of(Seen seen, Instant now) {
        List<Attention> found = new ArrayList<>();
        addRuntime(found, seen);
        addRunning(found, seen);
        seen.handlers().forEach(handler -> addHandler(found, handler, seen.running(), now));
        seen.apps().forEach(app -> addApp(found, app));
        addParked(found, seen.parked());
        addClients(found, seen.connections());
        found.sort(Comparator.comparing(Attention::urgency).reversed());
        return found;
    }

    private static void addRuntime(List<Attention> found, Seen seen) {
        BridgeStatus bridge = seen.bridge();
        if (bridge == null || seen.isDispatcherRunning() == null) {
            found.add(alarm("no core", "org.callosum.core", "-", "the bundle org.callosum.core is not running"));
        } else if (!seen.isDispatcherRunning()) {
            found.add(alarm("stopped", "dispatcher", "-", "the dispatcher is stopped: no event is handled"));
        }
        if (bridge == null) {
            return;
        }
        if (bridge.transport().isEmpty()) {
            found.add(alarm("no bus", "org.callosum.bus", "-", "the bundle org.callosum.bus is not running"));
        } else if (!bridge.transport().get().up()) {
            TransportStatus bus = bridge.transport().get();
            found.add(alarm(
                    "bus down",
                    "bus",
                    command("clients"),
                    name(bus.mode()) + " on " + printable(bus.address())
                            + (bus.mode().equals("client") ? NOT_CONNECTED : "")));
        }
        bridge.transport().ifPresent(bus -> addBus(found, bus));
        if (!bridge.dispatching() && Boolean.TRUE.equals(seen.isDispatcherRunning())) {
            found.add(warning("waits", "bridge", command("apps"), "no event is dispatched until the apps are up"));
        }
        if (bridge.givenUp() > 0) {
            found.add(alarm(
                    "lost",
                    "queue",
                    command("queue"),
                    QueueView.events(bridge.givenUp()) + " given up since the start, for want of room"));
        }
        if (bridge.spilled() > 0) {
            found.add(warning("on disk", "queue", command("queue"), QueueView.spilled(bridge)));
        } else if (bridge.queued() > 0 && bridge.oldestQueued().compareTo(LATE) >= 0) {
            found.add(warning("late", "queue", command("queue"), QueueView.depth(bridge)));
        }
    }

    /** Who is connected goes on, but nobody else gets in. */
    private static void addBus(List<Attention> found, TransportStatus bus) {
        if (bus.counters().getOrDefault("acceptPaused", 0L) > 0) {
            found.add(alarm(
                    "no entry",
                    "bus",
                    command("clients"),
                    "the system gives no more sockets, so no new client is let in: if there are too many open files, raise the"
                            + " limit (ulimit -n)"));
        }
        if (bus.counters().getOrDefault("socketLost", 0L) > 0) {
            found.add(alarm(
                    "no entry",
                    "bus",
                    "-",
                    "new clients do not find the bus: " + printable(bus.address())
                            + " is not its socket any more and cannot be bound again; the log says why"));
        }
    }

    /** What hangs, and what takes long: a line for each handler, with the run that has taken longest. */
    private static void addRunning(List<Attention> found, Seen seen) {
        Map<String, List<InvocationStatus>> byHandler = seen.running().stream()
                .filter(run -> isWrittenOff(run) || run.running().compareTo(SLOW) >= 0)
                .filter(run -> !isQuarantined(run, seen.handlers())) // that says it all
                .collect(Collectors.groupingBy(RunningView::label, LinkedHashMap::new, Collectors.toList()));
        byHandler.forEach((label, runs) -> {
            InvocationStatus longest = runs.get(0); // they come so
            boolean hangs = runs.stream().anyMatch(Attention::isWrittenOff);
            found.add(new Attention(
                    hangs ? Urgency.ALARM : Urgency.WARNING,
                    hangs ? "hangs" : "is slow",
                    label,
                    command("running"),
                    "for " + Amounts.duration(longest.running()) + " on " + RunningView.event(longest)
                            + (runs.size() > 1 ? ", and " + (runs.size() - 1) + " more times" : "")
                            + (hangs ? ": over its time limit, no longer waited for" : "")
                            + (longest.stack().isEmpty()
                                    ? ""
                                    : "; now at "
                                            + RunningView.frame(longest.stack().get(0)))));
        });
    }

    private static boolean isQuarantined(InvocationStatus run, List<HandlerStatus> handlers) {
        return handlers.stream()
                .anyMatch(handler -> handler.state() == HandlerStatus.State.QUARANTINED && isOf(run, handler));
    }

    private static boolean isOf(InvocationStatus run, HandlerStatus handler) {
        return run.app().equals(handler.app()) && run.handler().equals(handler.name());
    }

    private static boolean isWrittenOff(InvocationStatus run) {
        return run.state() == InvocationStatus.State.WRITTEN_OFF;
    }

    private static void addHandler(
            List<Attention> found, HandlerStatus handler, List<InvocationStatus> running, Instant now) {
        String see = command("handler " + handler.serviceId());
        switch (handler.state()) {
            case QUARANTINED ->
                found.add(
                        new Attention(Urgency.ALARM, "quarantined", label(handler), see, printable(handler.problem())));
            case BAD ->
                found.add(new Attention(Urgency.ALARM, "malformed", label(handler), see, printable(handler.problem())));
            case FAILED ->
                found.add(new Attention(Urgency.ALARM, "not there", label(handler), see, printable(handler.problem())));
            case PARKED -> {} // its app is told
            case ACTIVE -> {
                handler.lastFailure()
                        .filter(failure -> isRecent(failure.at(), now))
                        .ifPresent(failure -> found.add(new Attention(
                                Urgency.WARNING, "failed", label(handler), see, failed(handler, failure, now))));
                handler.times()
                        .lastOverrun()
                        .filter(at -> isRecent(at, now) && !hangs(handler, running))
                        .ifPresent(at -> found.add(new Attention(
                                Urgency.WARNING,
                                "timed out",
                                label(handler),
                                see,
                                times(handler.timedOut()) + ", last " + Amounts.ago(at, now))));
            }
        }
    }

    private static boolean isRecent(Instant at, Instant now) {
        return at.isAfter(now.minus(RECENT));
    }

    private static boolean hangs(HandlerStatus handler, List<InvocationStatus> running) {
        return running.stream().anyMatch(run -> isWrittenOff(run) && isOf(run, handler));
    }

    private static String failed(HandlerStatus handler, HandlerFailure failure, Instant now) {
        return handler.failed() + " of " + times(handler.invoked()) + ", last " + Amounts.ago(failure.at(), now)
                + (failure.event().isEmpty() ? "" : " on " + name(failure.event())) + ": "
                + printable(failure.error());
    }

    private static String times(long count) {
        return QueueView.count(count, "time");
    }

    private static void addApp(List<Attention> found, App app) {
        String see = command("app " + app.bundle().id());
        if (!app.bundle().isStarted()) {
            found.add(new Attention(
                    Urgency.WARNING,
                    "not running",
                    name(app.bundle().app()),
                    see,
                    "its bundle is " + app.bundle().state()));
        }
        for (AbsentComponent component : app.missing()) {
            found.add(new Attention(
                    component.cause() == AbsentComponent.Cause.CONFIGURATION ? Urgency.WARNING : Urgency.ALARM,
                    "not there",
                    name(app.bundle().app()) + "/" + name(lastPart(component.name())),
                    see,
                    printable(component.reason())));
        }
    }

    private static String lastPart(String component) {
        return component.substring(component.lastIndexOf('.') + 1);
    }

    private static void addParked(List<Attention> found, List<ParkedStatus> parked) {
        for (ParkedStatus app : parked) {
            if (app.state() == ParkedStatus.State.AWAY || app.givenUp() > 0) {
                found.add(new Attention(
                        app.givenUp() > 0 ? Urgency.ALARM : Urgency.WARNING,
                        "parked",
                        name(app.app()),
                        command("parked"),
                        ParkedView.state(app) + " for " + Amounts.duration(app.away()) + ": "
                                + QueueView.events(app.events()) + " kept, " + app.givenUp() + " given up"));
            }
        }
    }

    private static void addClients(List<Attention> found, List<ConnectionStatus> connections) {
        for (ConnectionStatus each : connections) {
            boolean holdsUp = each.state() == ConnectionStatus.State.HOLDS_UP;
            if (holdsUp
                    || each.oldestUnsent()
                            .filter(age -> age.compareTo(LATE) >= 0)
                            .isPresent()) {
                found.add(new Attention(
                        holdsUp ? Urgency.ALARM : Urgency.WARNING,
                        holdsUp ? "holds up" : "is slow",
                        "client " + each.id(),
                        command("clients"),
                        (holdsUp ? "the senders wait for it: " : "it does not keep up: ")
                                + Amounts.size(each.backlogBytes()) + " wait to go out"
                                + each.oldestUnsent()
                                        .map(age -> ", the oldest for " + Amounts.duration(age))
                                        .orElse("")));
            }
        }
    }

    private static Attention alarm(String what, String who, String see, String why) {
        return new Attention(Urgency.ALARM, what, who, see, why);
    }

    private static Attention warning(String what, String who, String see, String why) {
        return new Attention(Urgency.WARNING, what, who, see, why);
    }

    /** As it can be typed in every shell. */
    private static String command(String words) {
        return "callosum:" + words;
    }

    private static String printable(String text) {
        return Printable.of(text, MAX_WHY);
    }

    /** For scripts. */
    Map<String, Object> json() {
        return Fields.of(
                "urgency",
                urgency == Urgency.ALARM ? "alarm" : "warning",
                "what",
                what,
                "who",
                who,
                "see",
                see,
                "why",
                why);
    }
}
