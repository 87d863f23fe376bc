// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The distribution under systemd, whose part a socket for datagrams takes here. */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class SystemdIT {
    /** Writes what comes as lines; a datagram's assignments are each a line, and an empty one ends it. */
    private static final String LISTENER =
            """
            import array, os, socket, sys
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.bind(sys.argv[1])
            print("bound", flush=True)
            while True:
                text, rights, _, _ = s.recvmsg(65536, 4096)
                for _, _, data in rights:
                    for fd in array.array("i", data):
                        os.close(fd) # a barrier: who sent it waits until we have it
                print(text.decode(), flush=True)
            """;

    @TempDir
    Path folder;

    private Path socket;
    private Process systemd;
    private BufferedReader said;
    private Running running;

    @BeforeEach
    void listen() throws Exception {
        Assumptions.assumeTrue(isThere("python3"), "no python3, which takes systemd's part");
        Assumptions.assumeTrue(isThere("systemd-notify"), "no systemd-notify");
        socket = Files.createTempDirectory("sd").resolve("notify"); // a short name
        systemd = new ProcessBuilder("python3", "-c", LISTENER, socket.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        said = new BufferedReader(new InputStreamReader(systemd.getInputStream(), StandardCharsets.UTF_8));
        assertThat(said.readLine()).isEqualTo("bound");
    }

    @AfterEach
    void end() throws Exception {
        if (running != null) {
            running.kill();
        }
        if (systemd != null) {
            systemd.destroyForcibly().waitFor();
            Files.deleteIfExists(socket);
            Files.deleteIfExists(socket.getParent());
        }
    }

    @Test
    void itIsToldThatAllIsUpAgainAndAgainThatEventsMoveAndThatItStops() throws Exception {
        Path journal = start(Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "2000000"));

        assertThat(next()).isEqualTo("READY=1");
        assertThat(next())
                .isEqualTo("STATUS=Bus on " + journal.resolve("health/callosum.sock")
                        + ", 3 apps, 3 handlers at the start");
        assertThat(next()).isEqualTo("WATCHDOG=1");
        assertThat(next()).isEqualTo("WATCHDOG=1");
        running.terminate();
        assertThat(running.awaitEnd()).isZero();
        List<String> rest = new ArrayList<>();
        do {
            rest.add(next());
        } while (!rest.contains("STOPPING=1"));
        assertThat(rest.subList(0, rest.size() - 1)).allMatch("WATCHDOG=1"::equals);
    }

    @Test
    void aHandlerThatHoldsTheLoopUpStarvesTheWatchdogAndTheLogSaysWhy() throws Exception {
        Path home = Running.copyDistribution(folder.resolve("callosum"));
        TestJar.bundle("test.stuck", "1.0.0")
                .imports("org.osgi.service.event")
                .activator(
                        "test.stuck",
                        """
                        context.registerService(org.osgi.service.event.EventHandler.class, event -> {
                            try { Thread.sleep(3_600_000); } catch (InterruptedException e) { return; }
                        }, new java.util.Hashtable<>(java.util.Map.of("tract", "stuck", "event", "*")));
                        """,
                        "")
                .moveTo(home.resolve("apps/stuck.jar"));
        Path journal = folder.resolve("journal");
        running = Running.launch(
                home,
                Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "400000"),
                "run",
                "--journal",
                journal.toString());
        running.awaitReady();
        assertThat(next()).isEqualTo("READY=1");

        String event = "{\"tract\":\"stuck\",\"event\":\"now\"}";
        for (int i = 0; i < 2; i++) { // one to be stuck, one to wait
            try (Running send = Running.launch(home, "send", "--journal", journal.toString(), event)) {
                assertThat(send.awaitEnd()).isZero();
            }
        }

        running.awaitLog("ERROR", "systemd's watchdog is not fed", "none was dispatched since the last look");
    }

    @Test
    void whereSystemdHasNotStartedItNothingIsSaid() throws Exception {
        start(Map.of());
        running.terminate();
        assertThat(running.awaitEnd()).isZero();
        assertThat(running.log()).noneMatch(line -> line.contains("systemd"));
    }

    private Path start(Map<String, String> environment) throws Exception {
        Path home = Running.copyDistribution(folder.resolve("callosum"));
        Path journal = folder.resolve("journal");
        running = Running.launch(home, environment, "run", "--journal", journal.toString());
        running.awaitReady();
        return journal;
    }

    /** The next assignment; barriers and empty lines are passed over. */
    private String next() throws Exception {
        String line = said.readLine();
        while (line != null && (line.isEmpty() || line.startsWith("BARRIER="))) {
            line = said.readLine();
        }
        return line;
    }

    private static boolean isThere(String command) throws Exception {
        return new ProcessBuilder("sh", "-c", "command -v " + command)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }
}
