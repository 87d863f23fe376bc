// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.callosum.api.Message;
import org.callosum.bus.Connection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** What the command line has a running service do. */
@Timeout(120)
class RuntimeCommandsIT {
    private Path folder;
    private Path home;
    private Path journal;
    private Running running;

    @BeforeEach
    void copyDistribution(@TempDir Path folder) throws Exception {
        this.folder = folder;
        home = Running.copyDistribution(folder.resolve("callosum"));
        journal = folder.resolve("journal");
    }

    @AfterEach
    void kill() throws InterruptedException {
        if (running != null) {
            running.kill();
        }
    }

    @Test
    void statusWaitsForARuntimeThatStartsAndFailsWithoutOne() throws Exception {
        Ended nobody = callosum("status");
        assertThat(nobody.status()).isEqualTo(1);
        assertThat(nobody.error()).startsWith("callosum status: No runtime runs on journal '" + journal + "'");

        try (Running waiting = Running.launch(home, "status", "--journal", journal.toString(), "--wait=60")) {
            running = Running.launch(home, "run", "--journal", journal.toString());

            assertThat(waiting.awaitEnd()).isZero();
            assertThat(running.output()).singleElement().asString().startsWith("ready ");
            assertThat(String.join("\n", waiting.output())).contains("server on " + journal);
        }
        assertThat(callosum("status").status()).isZero();
    }

    @Test
    void appsAreInstalledUpdatedAndRemovedAndWhatFailsIsAnExitStatus() throws Exception {
        running = Running.start(home, journal);
        Path jar = home.resolve("apps-available/org.callosum.apps.dev-log.jar");

        assertThat(callosum("install", jar.toString()).out()).contains("org.callosum.apps.dev-log", "is installed");
        assertThat(callosum("apps").out()).contains("dev-log", "observer");
        Ended twice = callosum("install", jar.toString());
        assertThat(twice.status()).isEqualTo(1);
        assertThat(twice.error()).startsWith("callosum install: ").hasLineCount(1);

        assertThat(callosum("update", "--dry-run", "dev-log").out()).contains("would become");
        assertThat(callosum("update", "dev-log", jar.toString()).out()).contains("is now");
        assertThat(callosum("remove", "dev-log").status()).isZero();
        assertThat(callosum("apps").out()).doesNotContain("dev-log");
        Ended gone = callosum("remove", "dev-log");
        assertThat(gone.status()).isEqualTo(1);
        assertThat(gone.error()).startsWith("callosum remove: 'dev-log' is no app");
    }

    @Test
    void aWordIsPassedOnAsItIs() throws Exception {
        running = Running.start(home, journal);

        String word = "$a *`b` \"c\" 'd' \\e ;{f}|~#";

        assertThat(callosum("remove", word).error()).contains("'" + word + "' is no app");
    }

    @Test
    void benchMeasuresTheBusAndFailsWithoutOne() throws Exception {
        Ended nobody = callosum("bench");
        assertThat(nobody.status()).isEqualTo(1);
        assertThat(nobody.error()).contains("is callosum running?");
        running = Running.start(home, journal);

        Ended measured = callosum("bench", "--count", "5000", "--rate", "500", "--subscribers", "3");

        assertThat(measured.error()).isEmpty();
        assertThat(measured.status()).isZero();
        assertThat(measured.out())
                .containsPattern("Throughput +5,000 messages to 3 of 4 clients in [0-9.]+ s: [0-9,]+/s sent, [0-9,]+/s")
                .containsPattern("Latency +p50 [0-9.]+ ms, p99 [0-9.]+ ms, p99.9 [0-9.]+ ms, max [0-9.]+ ms, at 500/s");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whatCannotBeWrittenIsAFailureAndSaidButNotThatNobodyReadsIt() throws Exception {
        running = Running.start(home, journal);
        Path bus = journal.resolve("health/callosum.sock");
        try (Connection sender = Connection.open(bus)) { // what 'listen --since-start' has to write
            sender.send(Message.of("test", "sent", Map.of()));
            sender.read();
        }
        String on = " --journal " + journal;
        for (String command : List.of(
                "status" + on,
                "health" + on,
                "health --json" + on,
                "apps" + on,
                "shell" + on + " handlers",
                "listen --since-start --count 1" + on,
                "bench --count 100 --rate 10" + on,
                "version",
                "--version",
                "--help",
                "listen --help")) {
            Ended full = script(command + " > /dev/full");
            assertThat(full.status()).as(command).isEqualTo(1);
            assertThat(full.error()).as(command).startsWith("callosum").contains("The output could not be written");
            if (!command.startsWith("bench")) { // which would have to be read to its end
                assertThat(script(command + " | true; exit ${PIPESTATUS[0]}"))
                        .as(command)
                        .isEqualTo(new Ended(0, "", ""));
            }
        }
    }

    /** Runs a line of bash that begins with one of the distribution's commands. */
    private Ended script(String line) throws IOException, InterruptedException {
        Path error = Files.createTempFile(folder, "error", "");
        ProcessBuilder bash = new ProcessBuilder("bash", "-c", "'" + home.resolve("bin/callosum") + "' " + line);
        bash.environment().put("JAVA_HOME", System.getProperty("java.home"));
        bash.environment().remove("SOLSTONE_JOURNAL");
        Process process = bash.redirectError(error.toFile()).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), out, Files.readString(error));
    }

    private Ended callosum(String command, String... words) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(command, "--journal", journal.toString()));
        arguments.addAll(List.of(words));
        return Ended.call(folder, home, Path.of("/dev/null"), arguments);
    }
}
