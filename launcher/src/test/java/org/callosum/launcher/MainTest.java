// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;

class MainTest {
    private final StringWriter err = new StringWriter();
    private final CommandLine main = Main.commandLine().setErr(new PrintWriter(err));

    @Test
    void wrongUsageIsSaidInTwoLines() {
        assertThat(main.execute("send", "one\u001b")).isEqualTo(2);
        assertThat(err.toString().lines())
                .containsExactly(
                        "callosum send: 'one\\u001b' alone is no message: give a tract and an event, or a JSON object"
                                + " with both",
                        "Try 'callosum send --help'.");
    }

    @Test
    void aWordThatBeginsWithAnAtSignIsNoFileOfArguments(@TempDir Path folder) {
        String socket = folder.resolve("none.sock").toString();

        assertThat(main.execute("send", "--socket", socket, "@tract", "@event")).isEqualTo(1);
        assertThat(err.toString()).contains("is callosum running?");
    }

    @Test
    void theCommandThatIsNamedIsTheSameAloneAsAmongAll() {
        main.getSubcommands().forEach((name, command) -> {
            CommandLine alone = Main.commandLine(name);

            assertThat(alone.getSubcommands()).containsOnlyKeys(name);
            assertThat(alone.getSubcommands().get(name).getUsageMessage()).isEqualTo(command.getUsageMessage());
        });
    }

    @Test
    void theHelpNamesEveryCommand() {
        assertThat(main.getUsageMessage())
                .contains("run ", "send ", "listen ", "shell ", "status ", "health ", "apps ", "bench ", "version ");
    }
}
