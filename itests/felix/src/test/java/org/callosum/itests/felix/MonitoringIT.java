// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.felix;

import java.lang.management.ManagementFactory;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.openmbean.TabularData;

import org.callosum.api.Json;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** What monitors see of a runtime: over JMX, as Prometheus, by the shell. */
@Timeout(120)
class MonitoringIT {
    private static final String PID = "org.callosum.metrics";

    private static final String OPENED = """
            {"tract":"door","event":"opened"}""";

    @RegisterExtension
    static final SharedFramework runtime = new SharedFramework(TestFramework::withMonitoring);

    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void configureNothing() {
        runtime.probe().configure(PID, Map.of());
    }

    @Test
    void healthShowsEachCheckAndIsWell() throws Exception {
        try (Gogo gogo = new Gogo(runtime.framework().context())) {
            assertThat(gogo.run("callosum:health").lines())
                    .hasSize(6)
                    .anyMatch(line -> line.matches("bus +ok +server on .*/callosum.sock, up"))
                    .anyMatch(line -> line.matches("dispatcher +ok .*"))
                    .anyMatch(line -> line.matches("queue +ok .*"))
                    .anyMatch(line -> line.matches("handlers +ok .*"))
                    .anyMatch(line -> line.matches("parked +ok .*"));
            List<?> checks = (List<?>) Json.parse(gogo.run("callosum:health --json"));
            assertThat(checks).hasSize(5);
            assertThat(((Map<?, ?>) checks.get(0)).keySet()).isEqualTo(Set.of("check", "state", "text"));
        }
    }

    @Test
    void withoutABusHealthFails() throws Exception {
        Bundle bus = bundle("org.callosum.bus");
        bus.stop();
        try (Gogo gogo = new Gogo(runtime.framework().context())) {
            assertThatThrownBy(() -> gogo.run("callosum:health"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("Critical: bus");
            assertThat(gogo.shown()).containsPattern("bus +critical +there is none");
        } finally {
            bus.start();
        }
    }

    @Test
    void withoutACoreHealthFails() throws Exception {
        Bundle core = bundle("org.callosum.core");
        core.stop();
        try (Gogo gogo = new Gogo(runtime.framework().context())) {
            assertThatThrownBy(() -> gogo.run("callosum:health")).hasMessage("Critical: core");
        } finally {
            core.start();
            await("events are dispatched")
                    .untilAsserted(() -> assertThat(runtime.probe().bridge()).containsEntry("dispatching", true));
        }
    }

    @Test
    void aHandlerInQuarantineIsAWarning() throws Exception {
        runtime.probe().configureCore(Map.of("timeoutMillis", 50, "quarantineAfter", 1, "coolDownMillis", 3_600_000));
        runtime.install(TestBundle.app("gated"));
        runtime.probe().dispatch("""
                {"tract":"gate","event":"reached"}""");
        runtime.awaitLog("quarantine");

        try (Gogo gogo = new Gogo(runtime.framework().context())) {
            assertThat(gogo.run("callosum:health"))
                    .containsPattern("handlers +warn +1 in quarantine \\(gated/Gated\\)");
        }
        runtime.framework().gate.release();
    }

    @Test
    void theNumbersAreOverJmx() throws Exception {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        ObjectName name = new ObjectName("org.callosum:type=Runtime");
        runtime.install(TestBundle.app("wary"));
        long before = (Long) server.getAttribute(name, "Received");
        runtime.probe().emit(OPENED);
        runtime.nextCall();

        await("the event is counted").until(() -> (Long) server.getAttribute(name, "Received") > before);
        assertThat(server.getAttribute(name, "BusUp")).isEqualTo(true);
        assertThat(server.getAttribute(name, "HandlerCount")).isEqualTo(1);
        assertThat(((TabularData) server.getAttribute(name, "Handlers")).size()).isEqualTo(1);

        Bundle metrics = bundle("org.callosum.metrics");
        metrics.stop();
        assertThat(server.isRegistered(name)).isFalse();
        metrics.start();
        assertThat(server.isRegistered(name)).isTrue();
    }

    @Test
    void nothingListensUntilItIsConfiguredAndThenOnlyWhere() throws Exception {
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("callosum-metrics") || name.startsWith("HTTP-Dispatcher"));
        int first = freePort();
        runtime.probe().configure(PID, Map.of("port", first));
        assertThat(runtime.awaitLog("Metrics are on")).contains("http://127.0.0.1:" + first + "/metrics");
        assertThat(page(first, "/metrics")).contains("\ncallosum_events_received_total ");

        int second = freePort();
        runtime.probe().configure(PID, Map.of("port", second, "path", "/numbers"));
        assertThat(page(second, "/numbers")).contains("\ncallosum_events_received_total ");
        assertThatThrownBy(() -> page(first, "/metrics")).isInstanceOf(ConnectException.class);

        runtime.probe().configure(PID, Map.of());
        assertThatThrownBy(() -> page(second, "/numbers")).isInstanceOf(ConnectException.class);
    }

    @Test
    void aPortThatIsTakenIsSaidAndEverythingElseWorks() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            runtime.probe().configure(PID, Map.of("port", taken.getLocalPort(), "host", "0.0.0.0"));

            assertThat(runtime.awaitLog("Metrics are not served"))
                    .startsWith("ERROR")
                    .contains("'0.0.0.0'", Integer.toString(taken.getLocalPort()));
        }
    }

    @Test
    void theServletIsThereOnlyIfItIsConfigured() throws Exception {
        assertThat(references("javax.servlet.Servlet")).isEmpty();

        runtime.probe().configure(PID, Map.of("servlet", true));

        assertThat(references("javax.servlet.Servlet")).singleElement().satisfies(servlet -> assertThat(
                        servlet.getProperty("osgi.http.whiteboard.servlet.pattern"))
                .isEqualTo("/metrics"));
    }

    @Test
    void theChecksAreThereForFelixHealthChecks() throws Exception {
        assertThat(references("org.apache.felix.hc.api.HealthCheck"))
                .extracting(check -> check.getProperty("hc.name"))
                .containsExactlyInAnyOrder(
                        "callosum bus",
                        "callosum dispatcher",
                        "callosum queue",
                        "callosum handlers",
                        "callosum parked");
    }

    @Test
    void everyCounterOfTheBusHasItsMetricAndPromtoolObjectsToNothing() throws Exception {
        runtime.install(TestBundle.app("wary"));
        runtime.probe().emit(OPENED);
        runtime.nextCall();
        int port = freePort();
        runtime.probe().configure(PID, Map.of("port", port));
        String page = page(port, "/metrics");
        Map<?, ?> counters =
                (Map<?, ?>) runtime.probe().transport().orElseThrow().get("counters");

        assertThat(page.lines().filter(line -> line.matches("callosum_bus_(?!up\\b).*")))
                .hasSameSizeAs(counters.keySet());
        assertThat(page)
                .contains("callosum_handler_failures_total{app=\"wary\",handler=\"Wary\"}")
                .contains("callosum_tract_events_received_total{tract=\"door\"}");
        requireTool("promtool");
        Path text = Files.createTempFile("callosum", ".prom");
        try {
            Files.writeString(text, page);
            Process promtool = new ProcessBuilder("promtool", "check", "metrics")
                    .redirectInput(text.toFile())
                    .redirectErrorStream(true)
                    .start();
            assertThat(new String(promtool.getInputStream().readAllBytes())).isEmpty();
            assertThat(promtool.waitFor()).isZero();
        } finally {
            Files.delete(text);
        }
    }

    @Test
    void aRealPrometheusScrapesIt(@TempDir Path folder) throws Exception {
        requireTool("prometheus");
        int port = freePort();
        int its = freePort();
        runtime.probe().configure(PID, Map.of("port", port));
        runtime.install(TestBundle.app("wary"));
        runtime.probe().emit(OPENED);
        runtime.nextCall();
        Path settings = folder.resolve("prometheus.yml");
        Files.writeString(
                settings,
                """
                global:
                  scrape_interval: 1s
                scrape_configs:
                  - job_name: callosum
                    static_configs:
                      - targets: ['127.0.0.1:%d']
                """
                        .formatted(port));
        Process prometheus = new ProcessBuilder(
                        "prometheus",
                        "--config.file=" + settings,
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + its)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        try {
            String query = "/api/v1/query?query=callosum_handler_failures_total%7Bapp%3D%22wary%22%7D";
            await("a sample of ours")
                    .atMost(Duration.ofSeconds(60))
                    .ignoreExceptionsInstanceOf(ConnectException.class)
                    .untilAsserted(() -> assertThat(page(its, query))
                            .contains("\"status\":\"success\"", "\"handler\":\"Wary\"", "\"job\":\"callosum\""));
            assertThat(page(its, "/api/v1/metadata?metric=callosum_queue_oldest_seconds"))
                    .contains("\"type\":\"gauge\"", "How long the oldest has waited.");
        } finally {
            prometheus.destroy();
            assertThat(prometheus.waitFor(30, TimeUnit.SECONDS))
                    .as("Prometheus ends")
                    .isTrue();
        }
    }

    private String page(int port, String path) throws Exception {
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body();
    }

    private static List<ServiceReference<?>> references(String type) throws Exception {
        ServiceReference<?>[] found = runtime.framework().context().getAllServiceReferences(type, null);
        return found == null ? List.of() : List.of(found);
    }

    private static Bundle bundle(String name) {
        return Arrays.stream(runtime.framework().context().getBundles())
                .filter(each -> each.getSymbolicName().equals(name))
                .findAny()
                .orElseThrow();
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** Where CI is set it has to be there. */
    private static void requireTool(String name) {
        boolean isThere = Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
        if (System.getenv("CI") == null) {
            Assumptions.assumeTrue(isThere, name + " is not installed: it is in Debian's package 'prometheus'");
        }
        assertThat(isThere)
                .as(name + ", of Debian's package 'prometheus', is installed")
                .isTrue();
    }
}
