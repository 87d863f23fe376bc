// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.callosum.api.Printable;
import org.callosum.core.Bridge;
import org.callosum.core.Dispatcher;
import org.callosum.journal.Journal;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** {@code diagnose}: writes all that a bug report needs into one file. */
@Component(
        service = DiagnoseCommand.class,
        property = {"osgi.command.scope=callosum", "osgi.command.function=diagnose"})
public final class DiagnoseCommand extends Command {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final BundleContext context;
    private final Dispatcher dispatcher;
    private final Bridge bridge;
    private final Sight sight;

    /**
     * Looks at these.
     *
     * @param dispatcher {@code null} if there is none
     * @param bridge {@code null} if there is none
     */
    @Activate
    public DiagnoseCommand(
            BundleContext context,
            @Reference(cardinality = ReferenceCardinality.OPTIONAL, policyOption = ReferencePolicyOption.GREEDY)
                    Dispatcher dispatcher,
            @Reference(cardinality = ReferenceCardinality.OPTIONAL, policyOption = ReferencePolicyOption.GREEDY)
                    Bridge bridge) {
        this.context = context;
        this.dispatcher = dispatcher;
        this.bridge = bridge;
        this.sight = new Sight(context, dispatcher, bridge);
    }

    /**
     * {@code diagnose [--payloads] [<file>]}.
     *
     * @throws IllegalArgumentException if that is no file's name
     * @throws IllegalStateException if it cannot be written; the message says why
     */
    @Descriptor(
            "Writes all that a bug report needs into one new file that only its owner may read, and says where: status,"
                    + " handlers with histograms of their times, apps, queue, connections, the stacks of all threads, the configuration, versions, and"
                    + " the recent log. What looks like a password, a key or a token is left out, and without --payloads also what apps"
                    + " have logged and what the bus quotes of frames. What handlers threw is in it: look it through before you send it.")
    public void diagnose(
            CommandSession session,
            @Descriptor("keep what may hold fields of events: what apps have logged, and what the bus quotes of frames")
                    @Parameter(
                            names = {"-p", "--payloads"},
                            presentValue = "true",
                            absentValue = "false")
                    boolean withPayloads,
            @Descriptor("the file; default: health/diagnosis-<time>.txt in the journal") CharSequence... file) {
        Instant now = Instant.now();
        Optional<String> named = Usage.DIAGNOSE.optional(file);
        Path path = named.map(name -> path(session, name)).orElseGet(() -> byDefault(now));
        String text = report(now, withPayloads).text();
        try {
            PrivateFile.write(path, text);
        } catch (FileAlreadyExistsException e) {
            throw new IllegalStateException(
                    "There is a file " + Printable.of(path.toString())
                            + " already, which is left alone: give another name",
                    e);
        } catch (IOException e) {
            throw new IllegalStateException(
                    "File " + Printable.of(path.toString()) + " cannot be written ("
                            + Printable.of(String.valueOf(e.getMessage()))
                            + "): give another place, as in: diagnose /tmp/report.txt",
                    e);
        }
        System.out.println("Written to " + Printable.of(path.toString()) + ", " + Amounts.size(size(path, text))
                + ". Look it through before you send it.");
    }

    private static long size(Path path, String text) {
        try {
            return Files.size(path);
        } catch (IOException gone) {
            return text.length();
        }
    }

    private static Path path(CommandSession session, String name) {
        try {
            Path folder = session.currentDir();
            return (folder == null ? Path.of(name) : folder.resolve(name))
                    .toAbsolutePath()
                    .normalize();
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(Printable.quoted(name) + " is no file's name: " + e.getReason(), e);
        }
    }

    private Path byDefault(Instant now) {
        return Journal.of(context).root().resolve("health").resolve("diagnosis-" + STAMP.format(now) + ".txt");
    }

    private Diagnosis report(Instant now, boolean withPayloads) {
        Screen screen = Screen.PLAIN;
        Attention.Seen seen = sight.seen();
        return new Diagnosis()
                .section(
                        "Callosum, " + now,
                        () -> withPayloads
                                ? "With payloads.\n"
                                : "Without payloads: what apps have logged and what the bus quotes of frames is left out.\n")
                .section("Status", () -> StatusView.text(sight.runtime(), seen, Attention.of(seen, now), screen))
                .section("Versions", () -> Machine.versions(context.getBundles()))
                .section("Apps", () -> AppsView.text(sight.apps(), screen))
                .section("Handlers", () -> HandlersView.text(seen.handlers(), screen))
                .section("Each handler", () -> seen.handlers().stream()
                        .map(each -> HandlersView.detail(each, List.of(), now, screen))
                        .collect(Collectors.joining("\n")))
                .section(
                        "How long invocations took",
                        () -> LatenciesView.text(
                                seen.handlers(), Required.dispatcher(dispatcher).latencies(), screen))
                .section(
                        "Running",
                        () -> RunningView.text(Required.dispatcher(dispatcher).slow(), screen))
                .section(
                        "Held up",
                        () -> BlameView.text(
                                seen.handlers(), Required.dispatcher(dispatcher).delays(), screen))
                .section("Queue", () -> QueueView.text(Required.bridge(bridge).status(), screen))
                .section(
                        "Parked",
                        () -> ParkedView.text(
                                Required.dispatcher(dispatcher).parked(), dispatcher.parkedBefore(), screen))
                .section(
                        "Connections",
                        () -> ConnectionsView.open(Required.bridge(bridge).connections(), now, screen) + "\n"
                                + ConnectionsView.closed(bridge.closedConnections(), now, screen))
                .section("Threads", Machine::threads)
                .section("Configuration", () -> Configurations.text(context))
                .section("Recent log", () -> RecentLog.text(context, withPayloads));
    }
}
