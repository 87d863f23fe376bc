// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The shell of the distribution as a user sees it, on a terminal of eighty columns. */
@Timeout(180)
class TerminalIT {
    private static final String PROMPT = "callosum> ";

    @TempDir
    private Path folder;

    private Terminal terminal;

    @BeforeEach
    void open() throws Exception {
        assumeTrue(Terminal.isPossible(), "there is no 'script' to make a pseudo-terminal with");
        Path home = Running.copyDistribution(folder.resolve("home"));
        terminal = Terminal.open(
                80,
                List.of(
                        home.resolve("bin/callosum").toString(),
                        "run",
                        "--journal",
                        folder.resolve("j").toString()));
        terminal.await(PROMPT);
    }

    @AfterEach
    void close() {
        if (terminal != null) {
            terminal.close();
        }
    }

    @Test
    void tablesFitItAndWhatIsPipedOrForScriptsIsWhole() throws Exception {
        terminal.type("status");
        assertThat(terminal.await("nothing for long")).contains("Nothing needs attention.", "Dispatcher   running");

        terminal.type("handlers");
        String table = terminal.await("(no room for ");
        assertThat(table.substring(table.indexOf("ID  APP")).lines())
                .hasSizeGreaterThanOrEqualTo(4)
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
        terminal.await(PROMPT);

        terminal.type("handlers | grep SegmentLog");
        terminal.await("org.callosum.apps.segment-log 1.0.0"); // the last column, which has no room on the terminal
        terminal.await(PROMPT);

        terminal.type("handlers --json segment-log");
        terminal.await("    \"app\": \"segment-log\",");
        terminal.await(PROMPT);

        terminal.type("handler nobody");
        terminal.await("There is no handler 'nobody'");

        terminal.type("exit");
        assertThat(terminal.awaitEnd()).isZero();
    }
}
