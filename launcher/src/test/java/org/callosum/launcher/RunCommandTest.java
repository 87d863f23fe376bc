// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The arguments of {@code run} without picocli: what they are taken for, picocli takes them for, too. */
class RunCommandTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "run",
                "run --safe",
                "run --no-shell",
                "run --journal day",
                "run --journal /a/b --no-shell --safe",
                "run --safe --journal ./ä --no-shell"
            })
    void plainOnesMeanWhatPicocliReads(String line) {
        Optional<RunCommand> run = RunCommand.plain(line.split(" "));

        assertThat(run).isPresent();
        assertThat(values(run.get())).isEqualTo(values(parsed(line)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "send",
                "run --help",
                "run --version",
                "run --safe --safe",
                "run --no-shell --no-shell",
                "run --journal",
                "run --journal --safe",
                "run --journal a --journal b",
                "run --journal=a",
                "run --safe=true",
                "run -s",
                "run more",
                "run @file"
            })
    void picocliLooksAtAllOthers(String line) {
        assertThat(RunCommand.plain(line.split(" "))).isEmpty();
    }

    @Test
    void anEmptyJournalIsNotTheWorkingFolder() {
        assertThat(RunCommand.plain("run", "--journal", "")).isEmpty();
        assertThatThrownBy(() -> Main.commandLine("run").parseArgs("run", "--journal", ""))
                .isInstanceOf(CommandLine.ParameterException.class)
                .hasMessage("Invalid value for option '--journal': it is empty; '.' is the working folder");
    }

    private static RunCommand parsed(String line) {
        CommandLine main = Main.commandLine(line.split(" "));
        main.parseArgs(line.split(" "));
        return main.getSubcommands().get("run").getCommand();
    }

    /** What each of its own options is set to. */
    private static Map<String, Object> values(RunCommand run) {
        List<OptionSpec> options = new CommandLine(run)
                .getCommandSpec().options().stream()
                        .filter(option -> !option.usageHelp() && !option.versionHelp())
                        .toList();
        assertThat(options).isNotEmpty();
        return options.stream()
                .collect(Collectors.toMap(OptionSpec::longestName, option -> Optional.ofNullable(option.getValue())));
    }
}
