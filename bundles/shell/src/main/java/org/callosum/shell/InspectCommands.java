// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.callosum.api.Printable;
import org.callosum.core.Bridge;
import org.callosum.core.Dispatcher;
import org.callosum.core.HandlerStatus;
import org.callosum.core.InvocationStatus;
import org.callosum.core.ParkedStatus;
import org.callosum.shell.AppsView.App;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * The commands that show how the runtime stands. They print to {@code System.out}, which is the session's console or the
 * next command of a pipe: Gogo sees to it.
 */
@Component(
        service = InspectCommands.class,
        property = {
            "osgi.command.scope=callosum",
            "osgi.command.function=handlers",
            "osgi.command.function=apps",
            "osgi.command.function=app",
            "osgi.command.function=handler",
            "osgi.command.function=running",
            "osgi.command.function=blame",
            "osgi.command.function=queue",
            "osgi.command.function=parked",
            "osgi.command.function=status"
        })
public final class InspectCommands extends Command {
    /** How many apps are shown for which events were parked once. */
    private static final int MAX_BEFORE = 5;

    private final Dispatcher dispatcher;
    private final Bridge bridge;
    private final Sight sight;

    /**
     * Shows these.
     *
     * @param dispatcher {@code null} if there is none
     * @param bridge {@code null} if there is none
     */
    @Activate
    public InspectCommands(
            BundleContext context,
            @Reference(cardinality = ReferenceCardinality.OPTIONAL, policyOption = ReferencePolicyOption.GREEDY)
                    Dispatcher dispatcher,
            @Reference(cardinality = ReferenceCardinality.OPTIONAL, policyOption = ReferencePolicyOption.GREEDY)
                    Bridge bridge) {
        this.dispatcher = dispatcher;
        this.bridge = bridge;
        this.sight = new Sight(context, dispatcher, bridge);
    }

    /** {@code handlers [--json] [pattern]}. */
    @Descriptor("Shows handlers: handlers [<pattern>]. How they stand, how often they were invoked, failed and timed"
            + " out, their rate, and how long they take; their own filters and time limits, and what is wrong with those"
            + " that are not well.")
    public void handlers(
            CommandSession session,
            @Descriptor(Options.JSON_HELP)
                    @Parameter(names = Options.JSON, presentValue = "true", absentValue = "false")
                    boolean json,
            @Descriptor(
                            "only those whose app, name, bundle, tract, event, app/name or tract/event holds this; or is this, if"
                                    + " it has a '*' or a '?': quote it then")
                    CharSequence... pattern) {
        Optional<String> wanted = Usage.HANDLERS.optional(pattern);
        List<HandlerStatus> all = Required.dispatcher(dispatcher).handlers();
        List<HandlerStatus> found = wanted.map(text -> HandlersView.matching(all, new NamePattern(text)))
                .orElse(all);
        Screen screen = Screen.of(session);
        if (json) {
            screen.printJson(HandlersView.json(found));
        } else if (found.isEmpty() && !all.isEmpty()) {
            screen.print("None of " + all.size() + " handlers matches " + Printable.quoted(wanted.orElse("")) + ".\n");
        } else {
            screen.print(HandlersView.text(found, screen));
        }
    }

    /** {@code handler [--json] <id>}. */
    @Descriptor(
            "Shows all that is known of a handler: handler <id>. What it listens to, how it stands, its numbers, how"
                    + " long its invocations took, what it threw last, and where it was when it last overran.")
    public void handler(
            CommandSession session,
            @Descriptor(Options.JSON_HELP)
                    @Parameter(names = Options.JSON, presentValue = "true", absentValue = "false")
                    boolean json,
            @Descriptor("its id, as 'handlers' shows it, or its name, or app/name") CharSequence... id) {
        String which = Usage.HANDLER.required("handler", id);
        List<HandlerStatus> found = Required.dispatcher(dispatcher).handlers().stream()
                .filter(each -> which.equals(each.name())
                        || which.equals(each.app() + "/" + each.name())
                        || which.equals(Long.toString(each.serviceId())))
                .toList();
        if (found.isEmpty()) {
            throw new IllegalArgumentException("There is no handler " + Printable.quoted(which)
                    + ": give the id or the name of one that 'handlers' lists");
        }
        Screen screen = Screen.of(session);
        if (json) {
            screen.printJson(HandlersView.json(found));
            return;
        }
        List<InvocationStatus> running = dispatcher.slow();
        String separator = "";
        for (HandlerStatus each : found) {
            screen.print(separator + HandlersView.detail(each, runsOf(each, running), Instant.now(), screen));
            separator = "\n";
        }
    }

    private static List<InvocationStatus> runsOf(HandlerStatus handler, List<InvocationStatus> running) {
        return running.stream()
                .filter(run -> run.app().equals(handler.app()) && run.handler().equals(handler.name()))
                .toList();
    }

    /** {@code running [--json]}. */
    @Descriptor("Shows the invocations that have run for more than a moment and still run: within their time limit"
            + " (slow), or past it (written off: nobody waits for it); with their events and threads, and the stacks of those"
            + " that are past their soft limit. 'handler <id>' and --json have the stacks of the others, too.")
    public void running(
            CommandSession session,
            @Descriptor(Options.JSON_HELP)
                    @Parameter(names = Options.JSON, presentValue = "true", absentValue = "false")
                    boolean json) {
        List<InvocationStatus> running = Required.dispatcher(dispatcher).slow();
        Screen screen = Screen.of(session);
        screen.show(json, () -> RunningView.json(running, Instant.now()), () -> RunningView.text(running, screen));
    }

    /** {@code blame [--json]}. */
    @Descriptor("Shows who held events up: apps and handlers by the delay that they caused, and the longest waits.")
    public void blame(
            CommandSession session,
            @Descriptor(Options.JSON_HELP)
                    @Parameter(names = Options.JSON, presentValue = "true", absentValue = "false")
                    boolean json) {
        List<HandlerStatus> handlers = Required.dispatcher(dispatcher).handlers();
        Screen screen = Screen.of(session);
        screen.show(
                json,
                () -> BlameView.json(handlers, dispatcher.delays()),
                () -> BlameView.text(handlers, dispatcher.delays(), screen));
    }

    /** {@code queue [--json]}. */
    @Descriptor("Shows what was received and is not dispatched yet, in memory and on disk ('spilled'), how long the"
            + " oldest of it has waited, and what went through since the start.")
    public void queue(
            CommandSession session,
            @Descriptor(Options.JSON_HELP)
                    @Parameter(names = Options.JSON, presentValue = "true", absentValue = "false")
                    boolean json) {
        Bridge asked = Required.bridge(bridge);
        Screen screen = Screen.of(session);
        screen.show(json, () -> QueueView.json(asked.status()), () -> QueueView.text(asked.status(), screen));
    }

    /** {@code parked [--json]}. */
    @Descriptor("Shows what is parked for apps that are away or in quarantine, and what became of it for the last"
            + " apps that were.")
    public void parked(
            CommandSession session,
            @Descriptor(Options.JSON_HELP)
                    @Parameter(names = Options.JSON, presentValue = "true", absentValue = "false")
                    boolean json) {
        List<ParkedStatus> parked = Required.dispatcher(dispatcher).parked();
        List<ParkedStatus> before = dispatcher.parkedBefore();
        Screen screen = Screen.of(session);
        if (json) {
            screen.printJson(ParkedView.json(parked, before));
            return;
        }
        List<ParkedStatus> lastFew = before.stream()
                .filter(app -> app.parked() > 0 || app.givenUp() > 0)
                .limit(MAX_BEFORE)
                .toList();
        screen.print(ParkedView.text(parked, lastFew, screen));
    }

    /** {@code apps [--json] [pattern]}. */
    @Descriptor("Shows apps: apps [<pattern>]. Their bundles and the sums of their handlers' numbers.")
    public void apps(
            CommandSession session,
            @Descriptor(Options.JSON_HELP)
                    @Parameter(names = Options.JSON, presentValue = "true", absentValue = "false")
                    boolean json,
            @Descriptor(
                            "only those whose name or bundle holds this; or is this, if it has a '*' or a '?': quote it then")
                    CharSequence... pattern) {
        Optional<String> text = Usage.APPS.optional(pattern);
        Optional<NamePattern> wanted = text.map(NamePattern::new);
        Required.dispatcher(dispatcher);
        List<App> all = sight.apps();
        List<App> found = all.stream()
                .filter(app -> wanted.isEmpty()
                        || wanted.get().test(app.bundle().app())
                        || wanted.get().test(app.bundle().symbolicName()))
                .toList();
        Screen screen = Screen.of(session);
        if (json) {
            screen.printJson(AppsView.json(found, false));
        } else if (found.isEmpty() && !all.isEmpty()) {
            screen.print("None of " + all.size() + " apps matches " + Printable.quoted(text.orElse("")) + ".\n");
        } else {
            screen.print(AppsView.text(found, screen));
        }
    }

    /** {@code app [--json] <name>}. */
    @Descriptor("Shows all that is known of an app: app <name>. Its bundles, its handlers, the components that it lacks"
            + " with the reason, and what is parked for it.")
    public void app(
            CommandSession session,
            @Descriptor(Options.JSON_HELP)
                    @Parameter(names = Options.JSON, presentValue = "true", absentValue = "false")
                    boolean json,
            @Descriptor("the app's name, or its bundle's symbolic name or id") CharSequence... name) {
        String which = Usage.APP.required("app", name);
        Required.dispatcher(dispatcher);
        List<App> found = sight.apps().stream()
                .filter(app -> which.equals(app.bundle().app())
                        || which.equals(app.bundle().symbolicName())
                        || which.equals(Long.toString(app.bundle().id())))
                .toList();
        if (found.isEmpty()) {
            throw new IllegalArgumentException(
                    "There is no app " + Printable.quoted(which) + ": give the name of one that 'apps' lists");
        }
        Screen screen = Screen.of(session);
        screen.show(json, () -> AppsView.json(found, true), () -> AppsView.detail(found, screen));
    }

    /** {@code status [--json]}. */
    @Descriptor("Shows how the runtime stands, on one screen: first what needs attention, each with its cause and the"
            + " command that shows more; then bus, queue, dispatcher and totals.")
    public void status(
            CommandSession session,
            @Descriptor(Options.JSON_HELP)
                    @Parameter(names = Options.JSON, presentValue = "true", absentValue = "false")
                    boolean json) {
        Attention.Seen seen = sight.seen();
        List<Attention> attention = Attention.of(seen, Instant.now());
        Screen screen = Screen.of(session);
        screen.show(
                json,
                () -> StatusView.json(sight.runtime(), seen, attention),
                () -> StatusView.text(sight.runtime(), seen, attention, screen));
    }
}
