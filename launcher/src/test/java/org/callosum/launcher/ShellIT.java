// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The shell of a running service, as somebody at a terminal has it, and as a script has it. */
@Timeout(120)
class ShellIT {
    private Path folder;
    private Path home;
    private Path journal;
    private Running running;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        this.folder = folder;
        home = Running.copyDistribution(folder.resolve("callosum"));
        journal = folder.resolve("journal");
        running = Running.start(home, journal);
    }

    @AfterEach
    void kill() throws InterruptedException {
        running.kill();
    }

    @Test
    void aScriptGetsOutputAndStatusAndErrorsApart() throws Exception {
        Ended apps = shell("apps");
        assertThat(apps.error()).isEmpty();
        assertThat(apps.status()).isZero();
        assertThat(apps.out()).contains("observer", "segment-log", "support").doesNotContain("\u001b");
        assertThat(shell("apps | grep observer").out())
                .contains("org.callosum.apps.observer")
                .doesNotContain("\u001b");

        Ended failed = shell("echo before; handler 4711; echo behind");
        assertThat(failed.status()).isEqualTo(1);
        assertThat(failed.out()).isEqualTo("before\n");
        assertThat(failed.error())
                .startsWith("callosum shell: There is no handler '4711'")
                .hasLineCount(1);

        assertThat(shell("nonsense").error()).isEqualTo("callosum shell: Command not found: nonsense\n");
        assertThat(shell("status > /nowhere/at/all").error())
                .isEqualTo("callosum shell: '/nowhere/at/all' cannot be used (NoSuchFileException)\n");
        assertThat(shell("exit 7").status()).isEqualTo(7);
        assertThat(shell("exit soon").error())
                .isEqualTo(
                        "callosum shell: 'soon' is no exit status: give a number from 0 to 255. Write: exit [<status>]\n");
    }

    @Test
    void itsInputAndOutputAreTheScriptsUnaltered() throws Exception {
        Path file = Files.writeString(folder.resolve("in"), "one\ntwo ü\nthree\n");

        assertThat(call(file, "shell", "--journal", journal.toString(), "grep two")
                        .out())
                .isEqualTo("two ü\n");
        assertThat(call(
                                Files.writeString(folder.resolve("commands"), "echo a\necho b"),
                                "shell",
                                "--journal",
                                journal.toString())
                        .out())
                .isEqualTo("a\nb\n");
    }

    @Test
    void itsSocketIsTheOwnersAndGoesWithTheRuntime() throws Exception {
        Path socket = journal.resolve("health/shell.sock");
        shell("status");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-------");

        running.terminate();

        assertThat(running.awaitEnd()).isZero();
        assertThat(socket).doesNotExist();
        assertThat(running.log()).noneMatch(line -> line.contains("WARN") || line.contains("ERROR"));
        Ended ended = shell("status");
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.error()).startsWith("callosum shell: No runtime runs on journal '" + journal + "'");
    }

    @Test
    void aRuntimeThatStopsMidwayIsSaid() throws Exception {
        try (Running listening = Running.launch(home, "shell", "--journal", journal.toString(), "echo begun; listen")) {
            listening.awaitOutput("begun");

            running.kill();

            assertThat(listening.awaitEnd()).isEqualTo(1);
            assertThat(listening.log()).singleElement().asString().startsWith("callosum shell: The runtime ");
        }
    }

    @Test
    void aClientThatIsKilledLeavesNothing() throws Exception {
        Running listening = Running.launch(home, "shell", "--journal", journal.toString(), "echo begun; listen");
        listening.awaitOutput("begun");
        while (!shell("handlers").out().contains("org.callosum.shell")) {
            // until it listens
        }

        listening.kill();

        while (shell("handlers").out().contains("org.callosum.shell")) {
            // its handler, and with it its session, goes
        }
    }

    @Test
    void ctrlCEndsACommandOfAScript() throws Exception {
        Running.assumeNotIgnored("INT");
        try (Running listening = Running.launch(home, "shell", "--journal", journal.toString(), "echo begun; listen")) {
            listening.awaitOutput("begun");
            while (!shell("handlers").out().contains("org.callosum.shell")) {
                // until it listens
            }

            listening.signal("INT");

            assertThat(listening.awaitEnd()).isEqualTo(130);
        }
    }

    @Test
    void atATerminalThereIsALineEditorWithHistoryAndCompletion() throws Exception {
        try (ShellTerminal terminal = ShellTerminal.open(folder, home, "shell", "--journal", journal.toString())) {
            terminal.await("callosum> ");
            terminal.type("ech\t");
            terminal.await("echo");
            terminal.type("width:$COLUMNS\r");
            terminal.await("\nwidth:100");
            terminal.await("callosum> ");

            terminal.resize(133);
            terminal.await("callosum> "); // drawn anew
            terminal.type("\u0010\r"); // the last one again
            terminal.await("\nwidth:133");
            terminal.await("callosum> ");

            terminal.type("nonsense\r");
            terminal.await("Command not found: nonsense");
            terminal.await("callosum> ");
            terminal.type("exit\r");

            assertThat(terminal.awaitEnd()).isZero();
        }
        assertThat(shell("status").status()).as("the runtime runs on").isZero();
    }

    @Test
    void ctrlCEndsACommandQuietlyAndNotTheShell() throws Exception {
        try (ShellTerminal terminal = ShellTerminal.open(folder, home, "shell", "--journal", journal.toString())) {
            terminal.await("callosum> ");
            for (String command : List.of("listen", "listen | grep x", "top")) {
                terminal.type(command + "\r");
                while (!shell("handlers").out().contains("org.callosum.shell")) {
                    // until its handler is there
                }

                terminal.type("\u0003");
                assertThat(terminal.await("callosum> ")).as(command).doesNotContain("Exception");
            }
            terminal.type("trace door opened 1000\r");
            while (!terminal.shows("door/opened")) {
                shell("send door opened"); // until it follows
            }
            terminal.type("\u0003");
            assertThat(terminal.await("callosum> ")).doesNotContain("Exception");
            terminal.type("echo still here\r");
            terminal.await("\nstill here");
            terminal.await("callosum> ");
            terminal.type("\u0004"); // Ctrl-D

            assertThat(terminal.awaitEnd()).isZero();
        }
    }

    @Test
    void helpListsWhatIsTypedAndNotWhatCompletionAsks() throws Exception {
        assertThat(shell("help").out()).contains("callosum:handlers").doesNotContainIgnoringCase("candidates");
    }

    @Test
    void whatMayFollowACommandIsCompleted() throws Exception {
        try (ShellTerminal terminal = ShellTerminal.open(folder, home, "shell", "--journal", journal.toString())) {
            terminal.await("callosum> ");
            terminal.type("handler obs\t");
            terminal.await("handler observer/ObserverHistory");
            terminal.type("\r");
            terminal.await("observer/ObserverHistory, service ");
            terminal.await("callosum> ");
            terminal.type("app seg\t\r");
            terminal.await("SegmentLog");
            terminal.await("callosum> ");
            terminal.type("listen --tr\t obs\t --even\t transf\t\r");
            while (!shell("handlers").out().contains("org.callosum.shell")) {
                // until it listens
            }
            shell("send observe transferred n=1; send observe observed n=2; send observe transferred n=3");
            terminal.await("\"n\":1");
            assertThat(terminal.await("\"n\":3")).doesNotContain("\"n\":2");
            terminal.type("\u0003");
            terminal.await("callosum> ");
            terminal.type("explain obs\t transf\t\r");
            terminal.await("observe/transferred would be handed to ");
            terminal.await("callosum> ");
            terminal.type("update --dry\t obs\t\r");
            terminal.await("Would refresh");
            terminal.await("callosum> ");
            terminal.type("status --js\t\r");
            terminal.await("\"attention\"");
            terminal.await("callosum> ");
            terminal.type("exit\r");

            assertThat(terminal.awaitEnd()).isZero();
        }
    }

    @Test
    void whenTheRuntimeEndsTheTerminalIsAsItWas() throws Exception {
        try (ShellTerminal terminal = ShellTerminal.open(folder, home, "shell", "--journal", journal.toString())) {
            terminal.await("callosum> ");

            running.terminate();

            terminal.await("callosum shell: The runtime ");
            assertThat(terminal.awaitEnd()).isEqualTo(1);
            assertThat(terminal.settingsAfter()).contains("isig icanon ", " echo ", "opost ");
        }
    }

    private Ended shell(String commands) throws IOException, InterruptedException {
        return call(Path.of("/dev/null"), "shell", "--journal", journal.toString(), commands);
    }

    private Ended call(Path input, String... arguments) throws IOException, InterruptedException {
        return Ended.call(folder, home, input, List.of(arguments));
    }
}
