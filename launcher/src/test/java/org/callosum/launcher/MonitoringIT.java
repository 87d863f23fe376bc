// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** What an operator turns on while the distribution runs: metrics, and what is logged. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class MonitoringIT {
    private Path home;
    private Running running;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        home = Running.copyDistribution(folder.resolve("callosum"));
        running = Running.start(home, folder.resolve("journal"));
    }

    @AfterAll
    void stop() throws InterruptedException {
        running.terminate();
        assertThat(running.awaitEnd()).isZero();
    }

    @Test
    void metricsAreThereWhenTheirJarIsCopiedAndTheirPortIsSet() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        Files.copy(
                home.resolve("apps-available/org.callosum.metrics.jar"), home.resolve("apps/org.callosum.metrics.jar"));
        running.awaitLog("'org.callosum.metrics.jar' is installed");
        Files.writeString(
                home.resolve("etc/org.callosum.metrics.cfg"), "port = " + port + "\n", StandardOpenOption.APPEND);
        running.awaitLog("Metrics are on http://127.0.0.1:" + port + "/metrics");

        HttpResponse<String> page = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());

        assertThat(page.body()).contains("callosum_bus_up{mode=\"server\"} 1.0", "callosum_health{check=\"bus\"} 0.0");
    }

    @Test
    void aLevelThatIsSavedHoldsAtOnce() throws Exception {
        Path levels = home.resolve("etc/org.osgi.service.log.admin.cfg");
        String before = Files.readString(levels);
        Files.writeString(levels, before + "\norg.callosum.runtime = DEBUG\n");

        // Nothing says when it is taken up: so something is done again until it is.
        String line = null;
        for (int i = 1; line == null; i++) {
            TestJar.bundle("test.levels" + i, "1.0.0")
                    .header("Callosum-App", "levels" + i)
                    .moveTo(home.resolve("apps/levels" + i + ".jar"));
            running.awaitLog("'levels" + i + ".jar' is installed");
            line = running.log().stream()
                    .filter(each -> each.contains("DEBUG org.callosum.runtime.RuntimeComponent: event=app_installed"))
                    .findAny()
                    .orElse(null);
        }

        assertThat(line).matches(".* app=levels\\d+ bundle=test\\.levels\\d+ bundle_id=\\d+ version=1\\.0\\.0");
        assertThat(before).as("what the distribution says of it").contains("Taken up at once");
    }
}
