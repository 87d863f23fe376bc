// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

import org.callosum.launcher.cli.PathWord;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code callosum run}: starts the runtime and stays until it is told to stop. */
@Command(
        name = "run",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Starts the bus, the dispatcher and the apps, and runs until it is told to stop.",
        footer = {
            "",
            "When all is up, one line on standard output says so:",
            "  ready socket=<path> apps=<n> handlers=<n> ms=<since the process started>",
            "On a terminal a shell opens; its log is in data/log/. Without one the log is on",
            "standard error. SIGTERM, SIGINT, SIGHUP unless it is ignored as by nohup, or 'exit'",
            "in the shell stop it cleanly: status 0.",
            "",
            "Apps: a jar copied into apps/ is installed and started, an overwritten one",
            "updated, a removed one uninstalled. Settings are in etc/."
        })
final class RunCommand implements Callable<Integer> {
    /** Says whether standard input and output are a terminal. The script can tell; a JDK may not (22 to 24 always say yes). */
    static final String TERMINAL_PROPERTY = "callosum.terminal";

    private static final String JOURNAL_VARIABLE = "SOLSTONE_JOURNAL";
    private static final String DEFAULT_JOURNAL = "journal";

    private final Consumer<Launch> observer;

    @Option(
            names = "--journal",
            paramLabel = "DIR",
            converter = PathWord.class,
            description = "The journal's folder. Default: $SOLSTONE_JOURNAL, else ./journal.")
    private Path journal;

    @Option(names = "--no-shell", description = "Opens no shell, even on a terminal.")
    private boolean noShell;

    @Option(
            names = "--safe",
            description =
                    "Starts no app, so that the shell is there when one breaks the start. They are installed; what comes"
                            + " into apps/ meanwhile is, too. The next run without --safe starts them.")
    private boolean safe;

    RunCommand() {
        this(launch -> {});
    }

    /** One that tells of its launch before that runs. */
    RunCommand(Consumer<Launch> observer) {
        this.observer = observer;
    }

    /**
     * What these arguments ask for if they are {@code run} with its options as the help writes them, each once; empty where
     * picocli has to look. It finds the same, but to make a command out of annotations takes 50 ms of every start.
     */
    static Optional<RunCommand> plain(String... arguments) {
        if (arguments.length == 0 || !arguments[0].equals("run")) {
            return Optional.empty();
        }
        var run = new RunCommand();
        for (int i = 1; i < arguments.length; i++) {
            if (arguments[i].equals("--no-shell") && !run.noShell) {
                run.noShell = true;
            } else if (arguments[i].equals("--safe") && !run.safe) {
                run.safe = true;
            } else if (arguments[i].equals("--journal")
                    && run.journal == null
                    && i + 1 < arguments.length
                    && !arguments[i + 1].isEmpty()
                    && !arguments[i + 1].startsWith("-")) {
                run.journal = Path.of(arguments[++i]);
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(run);
    }

    @Override
    public Integer call() throws Exception {
        Distribution distribution = Distribution.current();
        boolean shell = !noShell && Boolean.getBoolean(TERMINAL_PROPERTY);
        PrintStream out = System.out;
        if (!shell) {
            System.setOut(System.err); // standard output is for the ready line: what an app prints is no part of it
        }
        DistributionLock lock = DistributionLock.acquire(distribution);
        ArchiveRenewal renewal = new ArchiveRenewal(distribution);
        try {
            renewal.start();
            var launch = new Launch(distribution, journalFolder(), shell, safe, out);
            observer.accept(launch);
            launch.run();
        } finally {
            renewal.stop();
            lock.close();
        }
        return CommandLine.ExitCode.OK;
    }

    /** Makes sure that what belongs into it at the start can be written there: better now, and in a sentence. */
    private static Path writable(Path folder) throws LaunchException {
        Path health = folder.resolve("health");
        try {
            Files.createDirectories(health);
            if (Files.isWritable(health)) {
                return folder;
            }
            throw new AccessDeniedException(health.toString(), null, "it is read-only, or another user's");
        } catch (IOException e) {
            throw new LaunchException(
                    "the journal '" + folder + "' cannot be written (" + e.getMessage()
                            + "): make it writable, or name another one with --journal or $" + JOURNAL_VARIABLE + ".",
                    e);
        }
    }

    private Path journalFolder() throws LaunchException {
        String variable = System.getenv(JOURNAL_VARIABLE);
        Path folder = journal != null
                ? journal
                : Path.of(variable == null || variable.isEmpty() ? DEFAULT_JOURNAL : variable);
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new LaunchException(
                    "the journal '" + folder + "' is no folder: name one with --journal or $" + JOURNAL_VARIABLE + ".");
        }
        return writable(folder.toAbsolutePath().normalize());
    }
}
