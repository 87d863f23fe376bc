// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Each command of the shell as a user of the distribution sees it: typed at a terminal, and called by a script. */
@Timeout(300)
class CommandsIT {
    private static final String PROMPT = "callosum> ";

    /** In this order: some make what others show. */
    private static final List<Line> LINES = List.of(
            new Line("status", "Nothing needs attention.", true),
            new Line("health", "handlers    ok", true),
            new Line("handlers", "SegmentLog", true),
            new Line("handler SegmentLog", "Listens to  observe/*, think/*, activity/*", true),
            new Line("handler nobody", "There is no handler 'nobody'", false),
            new Line("apps", "segment-log  active", true),
            new Line("app observer", "observer  active", true),
            new Line("app nobody", "There is no app 'nobody'", false),
            new Line("running", "Nothing has run for more than a moment.", true),
            new Line("blame", "No event has waited for a slow handler.", true),
            new Line("queue", "on disk", true),
            new Line("parked", "Nothing is parked.", true),
            new Line("explain door opened", "would be handed to", true),
            new Line("send door opened n=1", "sent", true),
            new Line("replay -t door", "\"n\":1", true),
            new Line("trace -t 100ms door shut", "0 of 1 events of door/shut came within 100 ms", false),
            new Line("top -n 1 -i 100ms", "received ", true),
            new Line("clients", "No connections.", true),
            new Line("clients --closed", "closed by the client", true), // which was replay
            new Line("disconnect 4711", "There is no connection 4711", false),
            new Line("quarantine SegmentLog", "is in quarantine", true),
            new Line("release SegmentLog", "Released.", true),
            new Line("release SegmentLog", "is in no quarantine", false),
            new Line("diagnose", "Written to ", true),
            new Line("ready", "", true),
            new Line("install none.jar", "'none.jar' cannot be read", false),
            new Line("update nobody", "'nobody' is no app", false),
            new Line("remove nobody", "'nobody' is no app", false),
            new Line("listen '(n>1'", "'(n>1' is no filter", false));

    @TempDir
    private Path folder;

    private Path home;
    private Path journal;
    private Running running;
    private Terminal terminal;

    /**
     * What is typed and what becomes of it.
     *
     * @param command the command
     * @param shows a part of what it shows, or of its error
     * @param succeeds whether it does what it is for
     */
    private record Line(String command, String shows, boolean succeeds) {}

    @BeforeEach
    void start() throws Exception {
        home = Running.copyDistribution(folder.resolve("home"));
        journal = folder.resolve("j");
        running = Running.start(home, journal);
    }

    @AfterEach
    void end() throws InterruptedException {
        if (terminal != null) {
            terminal.close();
        }
        running.kill();
    }

    @Test
    void calledByAScriptEachSaysItPlainlyAndInItsStatus() throws Exception {
        for (Line line : LINES) {
            Ended ended = Ended.call(
                    folder,
                    home,
                    Path.of("/dev/null"),
                    List.of("shell", "--journal", journal.toString(), "callosum:" + line.command()));

            assertThat(ended.status()).as(line.command()).isEqualTo(line.succeeds() ? 0 : 1);
            assertThat(line.succeeds() ? ended.out() : ended.error())
                    .as(line.command())
                    .contains(line.shows())
                    .doesNotContain("\u001b", "\tat ");
            assertThat(line.succeeds() ? ended.error() : ended.out())
                    .as("what is no part of it: " + line.command())
                    .isEmpty();
        }
        assertThat(running.log()).as("stack traces in the log").noneMatch(each -> each.startsWith("    "));
    }

    @Test
    void typedAtATerminalEachShowsIt() throws Exception {
        assumeTrue(Terminal.isPossible(), "there is no 'script' to make a pseudo-terminal with");
        terminal = Terminal.open(
                80, List.of(home.resolve("bin/callosum").toString(), "shell", "--journal", journal.toString()));
        terminal.await(PROMPT);
        for (Line line : LINES) {
            terminal.type("callosum:" + line.command());
            assertThat(terminal.await(line.shows()) + terminal.await(PROMPT))
                    .as(line.command())
                    .doesNotContain("\tat ");
        }
    }

    /** So that a command that is new is not forgotten above. */
    @Test
    void noneIsLeftOut() throws Exception {
        Ended help = Ended.call(
                folder, home, Path.of("/dev/null"), List.of("shell", "--journal", journal.toString(), "help"));

        Set<String> ours = new TreeSet<>();
        help.out()
                .lines()
                .map(String::strip)
                .filter(name -> name.startsWith("callosum:"))
                .forEach(name -> ours.add(name.substring("callosum:".length())));
        assertThat(ours)
                .isNotEmpty()
                .isEqualTo(new TreeSet<>(LINES.stream()
                        .map(line -> line.command().replaceFirst(" .*", ""))
                        .toList()));
    }
}
