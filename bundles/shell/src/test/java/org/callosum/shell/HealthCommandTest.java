// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.List;

import org.apache.felix.gogo.runtime.CommandProcessorImpl;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;
import org.apache.felix.service.command.CommandSession;
import org.callosum.core.Health;
import org.callosum.core.HealthStatus;
import org.callosum.core.HealthStatus.State;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What people and monitors see of the checks, in a session of Gogo. */
class HealthCommandTest {
    private static final HealthStatus BUS = new HealthStatus("bus", State.OK, "server on /s, up");
    private static final HealthStatus QUEUE = new HealthStatus("queue", State.CRITICAL, "9 events wait");
    private static final HealthStatus HANDLERS =
            new HealthStatus("handlers", State.WARN, "1 in quarantine (evil\u001b[2J/\"H\")");

    private final ThreadIOImpl threadIo = new ThreadIOImpl();
    private final CommandProcessorImpl gogo = new CommandProcessorImpl(threadIo);
    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
    private CommandSession session;

    @BeforeEach
    void openSession() {
        threadIo.start();
        PrintStream out = new PrintStream(screen, true, UTF_8);
        session = gogo.createSession(InputStream.nullInputStream(), out, out);
    }

    @AfterEach
    void closeSession() {
        session.close();
        gogo.stop();
        threadIo.stop();
    }

    @Test
    void eachCheckIsShownWithItsStateAndAWarningIsNoFailure() throws Exception {
        add(() -> List.of(BUS, HANDLERS));

        assertThat(run("callosum:health"))
                .isEqualTo(
                        """
                        CHECK     STATE  FOUND
                        bus       ok     server on /s, up
                        handlers  warn   1 in quarantine (evil\\u001b[2J/"H")
                        """);
    }

    @Test
    void whatIsCriticalIsShownAndFailsTheCommand() {
        add(() -> List.of(BUS, QUEUE));

        assertThatThrownBy(() -> run("health"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Critical: queue");
        assertThat(screen.toString(UTF_8)).contains("queue  critical  9 events wait");
    }

    @Test
    void asJsonItIsAListWithAnObjectForEach() throws Exception {
        add(() -> List.of(BUS, HANDLERS));

        assertThat(run("health --json"))
                .isEqualTo(
                        """
                        [{"check":"bus","state":"ok","text":"server on /s, up"},\
                        {"check":"handlers","state":"warn","text":"1 in quarantine (evil\\u001B[2J/\\"H\\")"}]
                        """);
    }

    @Test
    void withoutACoreThatIsCritical() {
        add(null);

        assertThatThrownBy(() -> run("health --json")).hasMessage("Critical: core");
        assertThat(screen.toString(UTF_8)).contains("\"state\":\"critical\"", "org.callosum.core is not running");
    }

    @Test
    void onATerminalItFitsItsWidthAndIsColoured() {
        assertThat(HealthView.text(List.of(BUS, QUEUE), new Screen(40, true)))
                .contains("\u001b[31mcritical\u001b[m")
                .satisfies(text -> assertThat(text.lines())
                        .allMatch(line -> line.replaceAll("\u001b\\[\\d*m", "").length() <= 40));
    }

    private void add(Health health) {
        gogo.addCommand("callosum", new HealthCommand(health), "health");
    }

    private String run(String line) throws Exception {
        session.execute(line);
        return screen.toString(UTF_8);
    }
}
