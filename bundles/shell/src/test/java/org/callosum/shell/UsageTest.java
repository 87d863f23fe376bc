// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.List;
import java.util.Locale;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.BundleContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What a user reads who types a command without what it needs, or with something else: through Gogo, which looks for a call first. */
@Timeout(30)
class UsageTest {
    private final BundleContext context = new FakeContext().proxy();
    private final FakeDispatcher dispatcher = new FakeDispatcher(true, List.of(Handlers.SEGMENT_LOG), List.of());
    private final FakeUpdates updates = new FakeUpdates(UpdateViewTest.CLEAN, UpdateViewTest.PLAN);

    @AutoClose
    private final Gogo gogo = new Gogo();

    @BeforeEach
    void addAllCommands() {
        List<Command> commands = List.of(
                new InspectCommands(context, dispatcher, FakeBridge.SERVED),
                new HealthCommand(null),
                new ConnectionCommands(FakeBridge.SERVED),
                new SendCommand(null),
                new ListenCommand(context),
                new ExplainCommand(context, dispatcher),
                new QuarantineCommand(dispatcher),
                new TraceCommand(dispatcher),
                new TopCommand(context, dispatcher, FakeBridge.SERVED),
                new DiagnoseCommand(context, dispatcher, FakeBridge.SERVED),
                new UpdateCommands(updates),
                new ReadyCommand(context));
        for (Usage usage : Usage.values()) {
            String function = usage.name().toLowerCase(Locale.ROOT);
            for (Command command : commands) {
                for (var method : command.getClass().getMethods()) {
                    if (method.getName().equals(function)) {
                        gogo.add(command, function);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "app         | No app is given.       | app [--json] <name>, as in: app observer",
                "disconnect  | No connection is given.| disconnect <number>, as in: disconnect 12",
                "explain     | No event is given.     | explain [--all] [--json] <tract> <event> [key=value ...], as in: explain observe",
                "handler     | No handler is given.   | handler [--json] <id or name>, as in: handler 31",
                "install     | No jar is given.       | install <path or URL>, as in: install greeter-1.0.0.jar",
                "quarantine  | No handler is given.   | quarantine <id or name>, as in: quarantine 31",
                "release     | No handler is given.   | release <id or name>, as in: release 31",
                "remove      | No app is given.       | remove [--dry-run] <app>, as in: remove greeter",
                "send        | Nothing to send: give a tract and an event, or a JSON object. | send <tract> <event> [key=value ...], as in:",
                "trace       | No tract and no event is given. | trace [-t <time>] [--fields] [--json] <tract> <event> [<n>], as in:",
                "trace door  | No event is given.     | trace [-t <time>] [--fields] [--json] <tract> <event> [<n>], as in:",
                "update      | No app is given.       | update [--dry-run] <app> [<path or URL>], as in: update greeter"
            })
    void whatIsMissingIsSaidWithTheRuleAndAnExample(String line, String missing, String rule) {
        assertThatThrownBy(() -> gogo.run(line))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(missing + " Write: " + rule);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "app a b                | Too many words (a '*' that is meant as such has to be in quotes).",
                "apps -x                | There is no option '-x' here.",
                "blame x                | 'x' is not understood here.",
                "clients 12             | '12' is not understood here.",
                "diagnose a b           | Too many words (a '*' that is meant as such has to be in quotes).",
                "disconnect me          | 'me' is no connection's number: give one that 'clients' lists.",
                "disconnect 1.5         | '1.5' is no connection's number: give one that 'clients' lists.",
                "disconnect 1 2         | Too many words (a '*' that is meant as such has to be in quotes).",
                "handler $nothing       | A word is the value of a variable that is not set.",
                "handlers [a b]         | Too many words (a '*' that is meant as such has to be in quotes).",
                "queue $nothing         | 'null' is not understood here.",
                "queue [a b]            | '[\"a\" \"b\"]' is not understood here.",
                "handlers a b           | Too many words (a '*' that is meant as such has to be in quotes).",
                "health --jsno          | '--jsno' lacks its value, or means nothing here.",
                "install a b            | Too many words (a '*' that is meant as such has to be in quotes).",
                "install $nothing       | A word is the value of a variable that is not set.",
                "install $nothing a     | A word is the value of a variable that is not set.",
                "install a $nothing     | A word is the value of a variable that is not set.",
                "listen -t              | '-t' lacks its value, or means nothing here.",
                "listen '(a=b)' '(c=d)' | Too many words (a '*' that is meant as such has to be in quotes).",
                "parked x               | 'x' is not understood here.",
                "quarantine a b         | Too many words (a '*' that is meant as such has to be in quotes).",
                "queue x                | 'x' is not understood here.",
                "ready --wait long      | '--wait long' is not understood here.",
                "ready --wait -1        | --wait -1 is out of range: 0 or more.",
                "release a b            | Too many words (a '*' that is meant as such has to be in quotes).",
                "remove a b             | Too many words (a '*' that is meant as such has to be in quotes).",
                "remove -x a            | There is no option '-x' here.",
                "running 31             | '31' is not understood here.",
                "status all of it       | 'all of it' is not understood here.",
                "top -n many            | '-n many' is not understood here.",
                "top -i                 | '-i' lacks its value, or means nothing here.",
                "trace a b c d          | Too many words (a '*' that is meant as such has to be in quotes).",
                "trace a b many         | 'many' is no number of events: give 1 to 1000000.",
                "trace a b --timeout    | '--timeout' lacks its value, or means nothing here.",
                "update $nothing        | A word is the value of a variable that is not set.",
                "remove -n $nothing     | A word is the value of a variable that is not set.",
                "update a b c           | Too many words (a '*' that is meant as such has to be in quotes)."
            })
    void whatDoesNotFitIsSaidWithTheRule(String line, String wrong) {
        assertThatThrownBy(() -> gogo.run(line))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(wrong + " Write: " + line.split(" ")[0] + " ");
        assertThat(updates.asked).isEmpty();
    }

    /** What is taken where nothing fits must not be taken where something does. */
    @ParameterizedTest
    @EnumSource(
            value = Usage.class,
            names = {"APPS", "BLAME", "CLIENTS", "HANDLERS", "PARKED", "QUEUE", "RUNNING", "STATUS"})
    void whatFitsIsCalled(Usage usage) throws Exception {
        String name = usage.name().toLowerCase(Locale.ROOT);

        assertThat(gogo.run(name)).isNotEmpty();
        assertThat(gogo.run(name + " --json")).matches("(?s)[\\[{].*");
    }

    /** Gogo reads numbers and the like out of them, if it is let. */
    @ParameterizedTest
    @ValueSource(strings = {"007", "1e3", "0x1F", "1.50", "true", "false", "100l", "2d"})
    void aWordIsTakenToTheLetter(String word) {
        assertThatThrownBy(() -> gogo.run("handler " + word))
                .hasMessageStartingWith("There is no handler '" + word + "'");
    }

    @Test
    void whatIsUnderstoodAsOneWordIsOne() throws Exception {
        assertThat(gogo.run("disconnect 12")).isEqualTo("Disconnected.\n");
        gogo.run("install a.jar");
        gogo.run("update -n a");
        assertThat(updates.asked).containsExactly("install a.jar", "plan to update a Optional.empty");
    }
}
