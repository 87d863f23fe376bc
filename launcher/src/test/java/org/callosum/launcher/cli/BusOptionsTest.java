// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.UnaryOperator;

import org.junit.jupiter.api.Test;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class BusOptionsTest {
    private static final UnaryOperator<String> SET = Map.of("SOLSTONE_JOURNAL", "/of/variable")::get;
    private static final UnaryOperator<String> EMPTY = Map.of("SOLSTONE_JOURNAL", "")::get;
    private static final UnaryOperator<String> UNSET = name -> null;

    @Test
    void theSocketThatIsNamedCounts() {
        assertThat(options("--socket", "/x/y.sock").socket(SET)).isEqualTo(Path.of("/x/y.sock"));
    }

    @Test
    void elseTheJournalThatIsNamed() {
        assertThat(options("--journal", "/j").socket(SET)).isEqualTo(Path.of("/j/health/callosum.sock"));
    }

    @Test
    void elseTheJournalOfTheEnvironment() {
        assertThat(options().socket(SET)).isEqualTo(Path.of("/of/variable/health/callosum.sock"));
    }

    @Test
    void elseTheFolderJournalHere() {
        Path here = Path.of("journal/health/callosum.sock").toAbsolutePath();

        assertThat(options().socket(UNSET)).isEqualTo(here);
        assertThat(options().socket(EMPTY)).isEqualTo(here);
    }

    @Test
    void anEmptyOneIsNotTheWorkingFolder() {
        assertThatThrownBy(() -> options("--journal", "")).hasMessageContaining("it is empty");
        assertThatThrownBy(() -> options("--socket", "")).hasMessageContaining("it is empty");
    }

    private static BusOptions options(String... arguments) {
        BusOptions options = new BusOptions();
        new CommandLine(CommandLine.Model.CommandSpec.create()
                        .addMixin("bus", CommandLine.Model.CommandSpec.forAnnotatedObject(options)))
                .parseArgs(arguments);
        return options;
    }
}
