// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.felix;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.callosum.api.Json;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.osgi.framework.ServiceRegistration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** What an operator finds through the shell, who knows nothing but that there is a command {@code status}. */
@Timeout(120)
class OperatorIT {
    private static final Pattern COLOUR = Pattern.compile("\u001b\\[\\d*m");

    @RegisterExtension
    static final SharedFramework runtime = new SharedFramework(TestFramework::withShell);

    private GogoShell shell;

    /** One handler hangs, one throws, one is in quarantine, and a component lacks a reference. */
    @BeforeEach
    void trouble() throws Exception {
        shell = new GogoShell(runtime.framework().context());
        runtime.probe().configureCore(Map.of("timeoutMillis", 100L, "quarantineAfter", 2));
        runtime.install(TestBundle.app("trouble"));
        await().until(() -> runtime.probe().handlers("trouble").size() == 3);
        dispatch("throw");
        dispatch("hang");
        dispatch("wedge");
        dispatch("wedge");
        await().untilAsserted(() -> assertThat(runtime.probe().handlers("trouble"))
                .extracting("state")
                .contains("QUARANTINED"));
    }

    private void dispatch(String event) {
        runtime.probe().dispatch("{\"tract\":\"trouble\",\"event\":\"" + event + "\"}");
    }

    @Test
    void eachOfFourTroublesIsFoundWithItsCauseByTheCommandThatTheStatusNames() throws Exception {
        String status = shell.run("callosum:status");

        assertThat(shell.run(commandOf(status, "hangs", "trouble/Hangs")))
                .contains("trouble/Hangs on trouble/hang, written off", "apps.trouble.Hangs.handle(Hangs.java");
        assertThat(shell.run(commandOf(status, "failed", "trouble/Throws")))
                .contains(
                        "Last failure, ",
                        "on trouble/throw",
                        "java.lang.IllegalStateException: the flux is not charged",
                        "apps.trouble.Throws.handle(Throws.java");
        assertThat(shell.run(commandOf(status, "quarantined", "trouble/Wedged")))
                .contains(
                        "State       quarantined",
                        "after 2 time-outs in a row",
                        "Last time-out, ",
                        "apps.trouble.Wedged.handle(Wedged.java");
        assertThat(shell.run(commandOf(status, "not there", "trouble/Lacks")))
                .contains("its reference 'threads' is missing: there is no service java.util.concurrent.ThreadFactory"
                        + " that matches (probe=missing)");
    }

    /** The command in the line of the status that says what is the matter with whom. */
    private static String commandOf(String status, String what, String who) {
        Matcher line = Pattern.compile(
                        "^" + what + " +" + who + " +(callosum:\\w+(?: \\d+)?)  +\\S.*$", Pattern.MULTILINE)
                .matcher(status);
        assertThat(line.find()).as("'%s %s' in:%n%s", what, who, status).isTrue();
        return line.group(1);
    }

    @Test
    void whatIsMendedIsToldNoMore() throws Exception {
        assertThat(shell.run("callosum:status")).contains("trouble/Lacks");

        ServiceRegistration<ThreadFactory> given =
                runtime.framework().share(ThreadFactory.class, "missing", Thread::new);
        try {
            await().untilAsserted(() -> assertThat(shell.run("callosum:status")).doesNotContain("trouble/Lacks"));
        } finally {
            given.unregister();
        }
    }

    @Test
    void anAppThatSaysSoByItsImportAloneIsSeenWhileItDoesNotRun() throws Exception {
        runtime.install(TestBundle.app("echo").withoutAppHeader()).stop();

        assertThat(shell.run(commandOf(shell.run("callosum:status"), "not running", "test.echo")))
                .contains("test.echo 1.0.0", "resolved");
        assertThat(shell.run("callosum:apps")).containsPattern("test.echo +resolved");
        assertThat(shell.run("callosum:explain echo echo"))
                .contains("1 app does not run")
                .contains(": test.echo.");
    }

    @Test
    void everyListFitsATerminalOfEightyColumnsAndIsJsonForScripts() throws Exception {
        for (String command : List.of("status", "handlers", "apps", "queue", "parked", "clients")) {
            String shown = shell.runOnTerminal(80, "callosum:" + command);

            assertThat(COLOUR.matcher(shown).replaceAll("").lines().takeWhile(line -> !line.equals("Problems:")))
                    .as(command)
                    .isNotEmpty()
                    .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
            assertThat(Json.parse(shell.run("callosum:" + command + " --json")))
                    .as(command)
                    .isNotNull();
        }
        for (String command : List.of("running", "blame", "handlers trouble", "app trouble", "handler Hangs")) {
            assertThat(Json.parse(shell.run("callosum:" + command + " --json")))
                    .as(command)
                    .isNotNull();
        }
        assertThat(shell.runOnTerminal(80, "callosum:handlers")).contains("\u001b[31mquarantined\u001b[m");
        assertThat(shell.run("callosum:handlers")).doesNotContain("\u001b");
    }

    @Test
    void whatIsTypedWithoutWhatItNeedsOrWithSomethingElseIsToldTheRule() {
        for (String command : List.of(
                "app",
                "disconnect",
                "disconnect me",
                "explain",
                "handler",
                "quarantine",
                "release",
                "send",
                "status now",
                "top -n many",
                "trace -t")) {
            assertThatThrownBy(() -> shell.run("callosum:" + command))
                    .as(command)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(". Write: " + command.split(" ")[0]);
        }
    }

    @Test
    void whatCannotBeDoneIsAnErrorForScripts() {
        for (String command :
                List.of("handler nobody", "app nobody", "release 4711", "disconnect 4711", "handlers -x")) {
            assertThatThrownBy(() -> shell.run("callosum:" + command))
                    .as(command)
                    .isInstanceOf(RuntimeException.class)
                    .extracting(failure -> Arrays.asList(failure.getMessage().split(" ")))
                    .asInstanceOf(InstanceOfAssertFactories.LIST)
                    .hasSizeGreaterThan(4);
        }
    }
}
