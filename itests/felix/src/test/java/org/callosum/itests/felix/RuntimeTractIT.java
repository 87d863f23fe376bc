// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.felix;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.callosum.api.Message;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.osgi.framework.Bundle;

import static org.assertj.core.api.Assertions.assertThat;

/** What a client of the bus hears of the runtime itself. */
@Timeout(120)
class RuntimeTractIT {
    private static final String PID = "org.callosum.runtime";

    private static final String AT_THE_GATE = """
            {"tract":"gate","event":"reached"}""";

    private static final String OPENED = """
            {"tract":"door","event":"opened"}""";

    @RegisterExtension
    static final SharedFramework runtime = new SharedFramework(TestFramework::withMonitoring);

    private WireClient client;

    @BeforeEach
    void join() throws Exception {
        runtime.probe().configure(PID, Map.of("pauseMillis", 0L, "perMinute", 100_000));
        client = WireClient.join(runtime.framework().socket());
    }

    @AfterEach
    void leave() throws Exception {
        client.close();
        runtime.probe().configure(PID, Map.of());
    }

    @Test
    void anAppThatComesChangesAndGoesIsToldOf() throws Exception {
        Bundle bundle = runtime.install(TestBundle.app("echo"));
        assertThat(next("app_installed").toMap())
                .containsEntry("app", "echo")
                .containsEntry("bundle", "test.echo")
                .containsEntry("bundle_id", bundle.getBundleId())
                .containsEntry("version", "1.0.0");

        try (InputStream jar = TestBundle.app("echo").inVersion("1.1.0").jar()) {
            bundle.update(jar);
        }
        assertThat(next("app_updated").toMap())
                .containsEntry("version", "1.1.0")
                .containsEntry("version_before", "1.0.0");

        bundle.uninstall();
        assertThat(next("app_removed").toMap()).containsEntry("app", "echo").containsEntry("version", "1.1.0");
    }

    @Test
    void anUpdatesLookAtANewVersionIsNotToldOf() throws Exception {
        try (InputStream jar = TestBundle.app("echo").inVersion("1.1.0").jar()) {
            runtime.framework()
                    .context()
                    .installBundle("callosum-probe:echo", jar)
                    .uninstall();
        }
        Bundle bundle = runtime.install(TestBundle.app("echo"));

        assertThat(client.next("runtime").toMap())
                .as("the first that is told")
                .containsEntry("event", "app_installed")
                .containsEntry("bundle_id", bundle.getBundleId());
    }

    @Test
    void aHandlerThatFailsIsToldOfAndWhatFailsOnThatIsNot() throws Exception {
        runtime.install(TestBundle.app("wary"));
        List<Message> failures = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            client.send(OPENED);
            failures.add(next("handler_failed"));
        }
        while (!runtime.nextCall().equals("wary of runtime/handler_failed")) {
            continue; // it is called for them, and fails
        }

        assertThat(failures).allSatisfy(failure -> assertThat(failure.toMap())
                .containsEntry("app", "wary")
                .containsEntry("handler", "Wary")
                .containsEntry("on_tract", "door")
                .containsEntry("on_event", "opened")
                .containsEntry("reason", "java.lang.IllegalStateException: I do not open"));
        client.send(OPENED);
        assertThat(next("handler_failed").string("on_tract"))
                .as("the next one of all")
                .hasValue("door");
    }

    @Test
    void aHandlerThatHangsIsToldOfUntilItIsReleased() throws Exception {
        runtime.probe().configureCore(Map.of("timeoutMillis", 50, "quarantineAfter", 1, "coolDownMillis", 3_600_000));
        runtime.install(TestBundle.app("gated"));
        CompletableFuture<Integer> dispatch = runtime.probe().dispatchAsync(AT_THE_GATE);
        assertThat(runtime.nextCall()).isEqualTo("gated entered");

        Map<String, Message> both = new HashMap<>(); // two threads tell, in any order
        while (!both.keySet().containsAll(List.of("handler_timed_out", "handler_quarantined"))) {
            Message message = client.next("runtime");
            both.put(message.event(), message);
        }
        assertThat(both.get("handler_timed_out").toMap())
                .containsEntry("app", "gated")
                .containsEntry("on_tract", "gate");
        Message quarantined = both.get("handler_quarantined");
        assertThat(quarantined.string("handler")).hasValue("Gated");
        assertThat(quarantined.string("reason").orElseThrow()).startsWith("in quarantine for ");
        assertThat(dispatch.get(10, TimeUnit.SECONDS)).isEqualTo(1);

        runtime.framework().gate.release();
        runtime.awaitLog("long after its time limit");
        try (Gogo gogo = new Gogo(runtime.framework().context())) {
            gogo.run("callosum:release " + quarantined.longNumber("service_id").orElseThrow());
        }
        assertThat(next("handler_released").string("app")).hasValue("gated");
    }

    @Test
    @SuppressWarnings("try") // the other client has only to be there
    void aClientThatIsThrownOffIsToldOf() throws Exception {
        try (WireClient other = WireClient.join(runtime.framework().socket());
                Gogo gogo = new Gogo(runtime.framework().context())) {
            other.send(OPENED);
            String last = gogo.run("callosum:clients")
                    .lines()
                    .reduce((first, second) -> second)
                    .orElseThrow();
            long number = Long.parseLong(last.strip().split(" ")[0]);
            gogo.run("callosum:disconnect " + number);

            assertThat(next("client_disconnected").toMap())
                    .containsEntry("client", number)
                    .containsEntry("reason", "disconnected by an operator");
        }
    }

    @Test
    void turnedOffNothingIsTold() throws Exception {
        runtime.install(TestBundle.app("wary"));
        next("app_installed");
        runtime.probe().configure(PID, Map.of("enabled", false));
        assertThat(runtime.probe().dispatch(OPENED))
                .as("is over when it returns")
                .isEqualTo(1);

        runtime.probe().configure(PID, Map.of("enabled", true));
        runtime.probe().dispatch("{\"tract\":\"door\",\"event\":\"closed\"}");

        assertThat(next("handler_failed").string("on_event"))
                .as("the first one")
                .hasValue("closed");
    }

    private Message next(String event) throws InterruptedException {
        Message message = client.next("runtime");
        while (!message.event().equals(event)) {
            assertThat(message.event()).as("before %s", event).isNotEqualTo("handler_failed");
            message = client.next("runtime");
        }
        return message;
    }
}
