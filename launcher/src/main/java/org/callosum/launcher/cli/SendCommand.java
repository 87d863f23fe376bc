// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;

import org.callosum.api.Printable;
import org.callosum.bus.Connection;
import org.callosum.bus.Lines;
import org.callosum.console.MessageWords;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code send}: puts messages on the bus and ends well only when it has heard them there. */
@Command(
        name = "send",
        description = "Sends messages to the bus and waits until it has taken them.",
        customSynopsis = {
            "callosum send [options] <tract> <event> [key=value ...]",
            "       callosum send [options] '<JSON object>'",
            "       callosum send [options] < FILE"
        },
        descriptionHeading = "%n",
        parameterListHeading = "%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:The bus has taken every message: each came back.",
            "1:Not proven: callosum does not run, broke off, or did not send a message back in time."
                    + " Messages after that one may have been taken.",
            "2:Wrong usage or input: an option, a word, or a line of the standard input. The lines before"
                    + " that one were taken, none after it was sent."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  callosum send observe observed day=20260101 segment=120000_300",
            "  callosum send notification show title='Hello there' count=3 tags='[\"a\",\"b\"]'",
            "  callosum send '{\"tract\": \"supervisor\", \"event\": \"request\", \"cmd\": [\"sync\"]}'",
            "  callosum send --journal ~/journal < messages.jsonl"
        })
public final class SendCommand implements Callable<Integer> {
    /** What Java makes of bytes in its arguments that it cannot decode. */
    private static final char UNREADABLE = '\ufffd';

    private final InputStream input;

    @Spec
    private CommandSpec spec;

    @Mixin
    private BusOptions bus = new BusOptions();

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "10",
            converter = DurationWord.class,
            description =
                    "How long the bus may take to send the next message back, in seconds, or with a unit: 500ms, 10s,"
                            + " 5m, 1h. Default: ${DEFAULT-VALUE}.")
    private Duration timeout;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this.")
    private boolean isHelpWanted;

    @Parameters(
            arity = "0..*",
            paramLabel = "<word>",
            description = {
                "A tract, an event and fields, or one JSON object with all of them.",
                "A value that can be read as JSON is that value (n=5, ok=true, name='\"5\"'), any other a string.",
                "Without words, messages are read from the standard input: a JSON object a line, blank lines are"
                        + " passed over. They are sent in order over one connection."
            })
    private List<String> words = List.of();

    /** Reads the standard input where there are no words. */
    public SendCommand() {
        this(System.in);
    }

    SendCommand(InputStream input) {
        this.input = input;
    }

    @Override
    public Integer call() throws InterruptedException {
        MessageSource source = source();
        Path socket = bus.socket();
        try (Connection connection = Connection.open(socket)) {
            return report(socket, new Delivery(connection, source, timeout).run());
        } catch (IOException e) {
            complain(e.getMessage());
            return ExitStatus.FAILED;
        }
    }

    private MessageSource source() {
        if (words.isEmpty()) {
            return MessageSource.of(new Lines(Channels.newChannel(input), Connection.MAX_LINE_BYTES));
        }
        for (String word : words) {
            if (word.indexOf(UNREADABLE) >= 0) {
                throw new ParameterException(
                        spec.commandLine(),
                        "'" + word + "' has bytes that are no text in this locale: set LC_ALL=C.UTF-8,"
                                + " or give the message on the standard input");
            }
        }
        try {
            return MessageSource.of(MessageWords.message(words));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private int report(Path socket, Delivery.Result result) {
        if (result.failure() != null) {
            complain("The bus on '" + socket + "' " + result.failure() + ": " + result.taken() + " of " + result.sent()
                    + " messages sent are proven to be taken");
        }
        if (result.inputError() != null) {
            complain(result.inputError() + ": nothing was sent from there on, " + result.sent() + " before it");
        }
        if (result.failure() != null) {
            return ExitStatus.FAILED;
        }
        return result.inputError() == null ? ExitStatus.DONE : ExitStatus.USAGE;
    }

    private void complain(String text) {
        spec.commandLine().getErr().println("callosum send: " + Printable.of(text));
        spec.commandLine().getErr().flush();
    }
}
