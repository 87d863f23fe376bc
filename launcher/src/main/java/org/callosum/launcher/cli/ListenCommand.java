// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

import org.callosum.api.Message;
import org.callosum.api.Printable;
import org.callosum.bus.Connection;
import org.callosum.console.FieldFilter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code listen}: writes what comes over the bus, a message a line, until somebody ends it. */
@Command(
        name = "listen",
        description = {
            "Writes every message that comes over the bus, until Ctrl-C, or until there were enough.",
            "A message is one line, its JSON to the letter as it came; it is written at once."
        },
        customSynopsis = "callosum listen [options]",
        descriptionHeading = "%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:There were as many as --count asks for, or the time is up and none were asked for; or whoever reads"
                    + " the output has had enough and closed it.",
            "1:There were not as many within the time; or callosum does not run, or the bus has closed the connection;"
                    + " or the output could not be written.",
            "2:Wrong usage.",
            "130:Ctrl-C."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  callosum listen",
            "  callosum listen --tract observe --pretty",
            "  callosum listen --event error | jq .service",
            "  callosum listen --filter '(&(service=camera)(level>=0.5))'",
            "  callosum listen --tract door --event opened --count 1 --timeout 30s",
            "  callosum listen --since-start --tract door --count 1 --timeout 30s"
        })
public final class ListenCommand implements Callable<Integer> {
    private static final String ANY = "*";

    private final StandardOutput output;

    @Spec
    private CommandSpec spec;

    @Mixin
    private BusOptions bus = new BusOptions();

    @Option(
            names = "--tract",
            paramLabel = "T",
            defaultValue = ANY,
            description = "Only messages of this tract. Default: *, all.")
    private String tract;

    @Option(
            names = "--event",
            paramLabel = "E",
            defaultValue = ANY,
            description = "Only messages of this event. Default: *, all.")
    private String event;

    private FieldFilter filter;

    @Option(
            names = "--filter",
            paramLabel = "F",
            description = "Only messages whose fields it matches: an LDAP filter with the rules of a handler's"
                    + " 'event.filter', such as '(level>=0.5)'.")
    private void filter(String text) {
        try {
            filter = FieldFilter.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(),
                    "'" + text + "' is no filter (" + e.getMessage() + "): write one such as '(level>=0.5)', in quotes",
                    e);
        }
    }

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "0",
            description = "Ends after so many messages. Default: 0, never.")
    private long count;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = DurationWord.class,
            description = "Ends after this time, in seconds, or with a unit: 500ms, 10s, 5m, 1h. Default: never.")
    private Duration timeout;

    @Option(
            names = "--since-start",
            description = "First what came since the runtime's start, as far as its bus has kept it, then what comes:"
                    + " nothing is missing or doubled in between. How many are no longer kept is said on the error output."
                    + " With --timeout, a runtime that is not up yet is waited for, too. It asks the runtime itself, so it takes"
                    + " --journal and no --socket, and one that serves its bus.")
    private boolean isSinceStart;

    @Option(
            names = "--pretty",
            description = "For people: a field a line, and an empty line after each message. Characters that"
                    + " could deceive on a terminal are shown as \\uXXXX: control characters (C1 too), writing"
                    + " direction, line separators.")
    private boolean isPretty;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this.")
    private boolean isHelpWanted;

    /** Written before the connection is closed for that, by the thread that does it. */
    private volatile boolean isTimeUp;

    /** Writes to the standard output. */
    public ListenCommand() {
        this(new StandardOutput());
    }

    ListenCommand(StandardOutput output) {
        this.output = output;
    }

    @Override
    public Integer call() {
        if (count < 0) {
            throw new ParameterException(
                    spec.commandLine(), "Option --count is " + count + ": give 0, which is never, or more");
        }
        if (isSinceStart) {
            return listenSinceStart();
        }
        Path socket = bus.socket();
        try (Connection connection = Connection.open(socket)) {
            if (timeout != null) {
                closeAfter(timeout, connection);
            }
            return listen(connection, socket);
        } catch (IOException e) {
            complain(e.getMessage());
            return ExitStatus.FAILED;
        }
    }

    private void closeAfter(Duration time, Connection connection) {
        Thread timer = new Thread(
                () -> {
                    try {
                        TimeUnit.NANOSECONDS.sleep(time.toNanos());
                        isTimeUp = true;
                        connection.close();
                    } catch (InterruptedException | IOException e) {
                        Thread.currentThread().interrupt(); // nobody does that, and nothing is left to be done
                    }
                },
                "callosum-listen-timeout");
        timer.setDaemon(true);
        timer.start();
    }

    private int listen(Connection connection, Path socket) throws IOException {
        Listing listing = listing();
        for (Message message = next(connection, socket); message != null; message = next(connection, socket)) {
            try {
                listing.add(message);
                if (listing.isEnough() || !connection.isReady()) {
                    listing.flush(); // before waiting: who reads the output sees all there is
                }
            } catch (IOException e) {
                return writtenSoFar();
            }
            if (listing.isEnough()) {
                return ExitStatus.DONE;
            }
        }
        if (isTimeUp) {
            return timeIsUp(listing, connection.invalidLines());
        }
        complain("The bus on '" + socket + "' closed the connection" + skipped(connection.invalidLines()));
        return ExitStatus.FAILED;
    }

    private int listenSinceStart() {
        KeptMessages kept = new KeptMessages(journal(), timeout, this::complain);
        try {
            Listing listing = listing();
            boolean isUp = kept.list(listing);
            return isUp ? timeIsUp(listing, kept.invalidLines()) : writtenSoFar();
        } catch (IOException e) {
            complain(e.getMessage() + skipped(kept.invalidLines()));
            return ExitStatus.FAILED;
        }
    }

    private Path journal() {
        return bus.journal()
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(), "--since-start asks the runtime of a journal: name that, with --journal"));
    }

    private Listing listing() {
        return new Listing(output, this::isWanted, isPretty, count);
    }

    private int timeIsUp(Listing listing, long invalidLines) {
        try {
            listing.flush();
        } catch (IOException e) {
            return writtenSoFar();
        }
        if (count > 0) {
            complain(listing.seen() + " of " + count + " messages came within " + DurationWord.text(timeout)
                    + skipped(invalidLines));
        }
        return count > 0 ? ExitStatus.FAILED : ExitStatus.DONE;
    }

    /** The exit status where nothing more is to be written: whoever reads has had enough, or nothing can be. */
    private int writtenSoFar() {
        output.complaint().ifPresent(this::complain);
        return output.complaint().isPresent() ? ExitStatus.FAILED : ExitStatus.DONE;
    }

    private Message next(Connection connection, Path socket) throws IOException {
        try {
            return connection.read();
        } catch (IOException e) {
            if (isTimeUp) {
                return null;
            }
            throw new IOException("The bus on '" + socket + "' broke off: " + e.getMessage(), e);
        }
    }

    private boolean isWanted(Message message) {
        return (tract.equals(ANY) || tract.equals(message.tract()))
                && (event.equals(ANY) || event.equals(message.event()))
                && (filter == null || filter.test(message));
    }

    private static String skipped(long lines) {
        return lines == 0 ? "" : "; lines that were no messages and not shown: " + lines;
    }

    private void complain(String text) {
        spec.commandLine().getErr().println("callosum listen: " + Printable.of(text));
        spec.commandLine().getErr().flush();
    }
}
