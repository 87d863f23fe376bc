// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.felix;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.callosum.api.Json;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.osgi.framework.Bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** Why a handler is called or not, through the real shell: what is said is what then happens. */
@Timeout(120)
class ExplainIT {
    private static final String OBSERVED = """
            {"tract":"observe","event":"observed","day":"20260101"}""";

    @RegisterExtension
    static final SharedFramework runtime = new SharedFramework(TestFramework::withShell);

    private GogoShell shell;

    @BeforeEach
    void shell() {
        shell = new GogoShell(runtime.framework().context());
    }

    @Test
    void theReferenceThatAComponentLacksIsNamed() throws Exception {
        installTrouble();

        assertThat(shell.run("explain trouble lack"))
                .startsWith("trouble/lack would be handed to no handler.\n")
                .containsPattern(
                        "trouble/Lacks +- +trouble/lack .*not there +its component is not satisfied: its reference"
                                + " 'threads' is missing: there is no service java.util.concurrent.ThreadFactory that matches"
                                + " \\(probe=missing\\)");
        assertThat(dispatch("lack")).isZero();
    }

    @Test
    void namesThatDifferALittleAreNamed() throws Exception {
        installTrouble();

        assertThat(shell.run("explain trouble thorw"))
                .containsPattern("trouble/Throws .*names +listens to trouble/throw: event 'throw' is not 'thorw'");
        assertThat(shell.run("explain Trouble throw"))
                .contains("'trouble' is not 'Trouble', upper and lower case count");
    }

    @Test
    void aFilterIsAskedItself() throws Exception {
        runtime.install(TestBundle.app("filtered"));
        await().until(() -> runtime.probe().handlers("filtered").size() == 1);

        assertThat(shell.run("explain observe observed n=2 tags='[\"door\"]'"))
                .contains("its filter (&(n>=3)(tags=door)(!(state=*))) does not let it through: n is 2, tags is"
                        + " [\"door\"], there is no field state");
        assertThat(shell.run("explain observe observed n=3 tags='[\"door\"]'"))
                .startsWith("observe/observed would be handed to 1 handler, in this order:\n");
    }

    @Test
    void anAppThatIsStoppedIsNamed() throws Exception {
        Bundle trouble = installTrouble();
        trouble.stop();

        assertThat(shell.run("explain trouble throw"))
                .contains("1 app does not run, and nobody knows what handlers would be there: trouble.");
    }

    @Test
    void aHandlerIsHeldBackByHandUntilItIsReleased() throws Exception {
        runtime.install(TestBundle.app("declared"));
        await().until(() -> runtime.probe().handlers("declared").size() == 1);
        Object id = runtime.probe().handlers("declared").get(0).get("serviceId");

        assertThat(shell.run("quarantine Declared")).contains("declared/Declared is in quarantine");
        assertThat(shell.run("explain observe observed"))
                .contains("by hand: its events are parked until it is released");
        assertThat(runtime.probe().dispatch(OBSERVED)).isZero();
        assertThat(runtime.calls()).isEmpty();

        assertThatThrownBy(() -> shell.run("quarantine Nobody")).hasMessageStartingWith("There is no handler 'Nobody'");
        shell.run("release " + id);
        assertThat(runtime.nextCall()).startsWith("declared callosum/observe/observed");
    }

    @Test
    void anEventIsFollowedThroughItsHandlers() throws Exception {
        installTrouble();
        CompletableFuture<String> traced = inBackground("trace --timeout 60s --json trouble '*'");
        await().until(() -> {
            dispatch("throw"); // again and again: that it is followed cannot be seen
            return traced.isDone();
        });

        assertThat(Json.parse(traced.get())).isInstanceOfSatisfying(Map.class, event -> assertThat(event.get("calls"))
                .asString()
                .contains("handler=Throws", "result=failed", "the flux is not charged"));
        assertThatThrownBy(() -> shell.run("trace --timeout 1ms nobody nothing"))
                .hasMessage("0 of 1 events of nobody/nothing came within 1 ms");
    }

    @Test
    void theReportHoldsWhatIsConfiguredAndLoggedButNoSecret() throws Exception {
        runtime.probe().configureCore(Map.of("workers", 3, "test.password", "hunter2"));
        installTrouble();
        for (int n = 0; n < 8; n++) { // of which one at least is timed
            dispatch("throw");
        }

        String shown = shell.run("diagnose");

        Matcher place = Pattern.compile("Written to (\\S+), ").matcher(shown);
        assertThat(place.find()).as(shown).isTrue();
        Path file = Path.of(place.group(1));
        assertThat(file.getParent()).isEqualTo(runtime.framework().socket().getParent());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(Files.readString(file))
                .contains("org.callosum.core\n", "workers = 3\n", "test.password = <hidden>\n")
                .contains("IllegalStateException: the flux is not charged")
                .containsPattern(
                        "(?s)== How long invocations took ==\n\nAPP/HANDLER .*trouble/Throws +\\d+ +[1-9]\\d* ")
                .contains("ERROR org.callosum.core trouble/Throws on trouble/throw failed")
                .doesNotContain("hunter2", "not to be had");
    }

    @Test
    void whatIsListenedToWithAFilterIsWhatAHandlerOfThatFilterWouldGet() throws Exception {
        CompletableFuture<String> shown = inBackground("listen -t door '(n>=3)'");
        await().until(() -> runtime.probe().handlers("org.callosum.shell").size() == 1);

        for (int n = 1; n <= 4; n++) {
            runtime.probe().dispatch("{\"tract\":\"door\",\"event\":\"opened\",\"n\":" + n + "}");
        }

        assertThat(runtime.probe().handlers("org.callosum.shell"))
                .singleElement()
                .satisfies(handler ->
                        assertThat(handler).containsEntry("filter", "(n>=3)").containsEntry("invoked", 2L));
        Bundle commands = shellBundle();
        commands.stop(); // ends it
        try {
            shown.get(10, TimeUnit.SECONDS);
        } finally {
            commands.start();
        }
    }

    @Test
    void theBusiestAreShownAsOftenAsIsSaidAndNoHandlerIsLeft() throws Exception {
        installTrouble();
        CompletableFuture<String> shown = inBackground("top -n 2 -i 500ms");
        await().until(() -> {
            dispatch("throw");
            return shown.isDone();
        });

        assertThat(shown.get())
                .containsPattern("trouble/throw +\\S+/s +100 %")
                .containsPattern("trouble/Throws +\\S+/s");
        assertThat(runtime.probe().handlers("org.callosum.shell")).isEmpty();
    }

    private CompletableFuture<String> inBackground(String line) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return shell.run(line);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static Bundle shellBundle() {
        return Arrays.stream(runtime.framework().context().getBundles())
                .filter(bundle -> "org.callosum.shell".equals(bundle.getSymbolicName()))
                .findAny()
                .orElseThrow();
    }

    private Bundle installTrouble() throws Exception {
        Bundle bundle = runtime.install(TestBundle.app("trouble"));
        await().until(() -> runtime.probe().handlers("trouble").size() == 3);
        return bundle;
    }

    private static int dispatch(String event) {
        return runtime.probe().dispatch("{\"tract\":\"trouble\",\"event\":\"" + event + "\"}");
    }
}
