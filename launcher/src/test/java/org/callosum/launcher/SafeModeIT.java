// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** An app that breaks the start, and the way out. */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class SafeModeIT {
    @TempDir
    Path folder;

    private Running running;

    @AfterEach
    void kill() throws InterruptedException {
        if (running != null) {
            running.kill();
        }
    }

    @Test
    void anAppThatEndsTheProcessIsInstalledAndNotStartedUntilItIsGone() throws Exception {
        Path home = Running.copyDistribution(folder.resolve("callosum"));
        Path journal = folder.resolve("journal");
        Path breaker = home.resolve("apps/breaker.jar");
        TestJar.bundle("test.breaker", "1.0.0")
                .activator("test.breaker", "Runtime.getRuntime().halt(7);", "")
                .moveTo(breaker);
        running = Running.launch(home, "run", "--journal", journal.toString());
        assertThat(running.awaitEnd()).as("it breaks the start").isEqualTo(7);

        running = Running.launch(home, "run", "--safe", "--journal", journal.toString());
        assertThat(running.awaitReady()).contains(" apps=0 handlers=0 ");
        running.awaitLog("callosum: safe mode: the apps are installed and none is started");
        TestJar.talker("test.later", "1.0.0", "later").moveTo(home.resolve("apps/later.jar"));
        running.awaitLog("'later.jar' is installed");
        Files.delete(breaker);
        running.awaitLog("'breaker.jar' is gone: test.breaker 1.0.0 is uninstalled");
        running.terminate();
        assertThat(running.awaitEnd()).isZero();
        assertThat(running.log()).noneMatch(line -> line.contains("WARN") || line.contains("later started"));

        running = Running.launch(home, "run", "--journal", journal.toString());
        assertThat(running.awaitReady()).contains(" apps=3 handlers=3 ");
        running.awaitLog("later started");
    }
}
