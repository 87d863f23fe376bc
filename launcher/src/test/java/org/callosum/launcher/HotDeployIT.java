// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Jars that come, change and go in {@code apps/} while one distribution runs: each test with names of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HotDeployIT {
    private Path apps;
    private Running running;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        Path home = Running.copyDistribution(folder.resolve("callosum"));
        apps = home.resolve("apps");
        running = Running.start(home, folder.resolve("journal"));
    }

    @AfterAll
    void stop() throws InterruptedException {
        running.terminate();
        assertThat(running.awaitEnd()).isZero();
    }

    @Test
    void aJarIsStartedWhenItComesUpdatedOnceWhenItChangesAndUninstalledWhenItGoes() throws Exception {
        Path jar = apps.resolve("life.jar");

        TestJar.talker("test.life", "1.0.0", "life one").moveTo(jar);
        running.awaitLog("life one started");
        Files.write(jar, TestJar.talker("test.life", "1.1.0", "life two").bytes());
        running.awaitLog("life two started");
        Files.delete(jar);
        running.awaitLog("'life.jar' is gone");

        assertThat(running.log().stream().filter(line -> line.startsWith("life ")))
                .containsExactly("life one started", "life one stopped", "life two started", "life two stopped");
    }

    @Test
    void aSlowCopyIsWaitedForUntilTheFileIsWhole() throws Exception {
        byte[] bytes = TestJar.talker("test.slow", "1.0.0", "slow").bytes();
        Path jar = apps.resolve("slow.jar");

        Files.write(jar, Arrays.copyOf(bytes, bytes.length / 2));
        running.awaitLog("'slow.jar' is not whole yet");
        Files.write(jar, bytes);

        running.awaitLog("slow started");
    }

    @Test
    void aTruncatedJarLeavesTheRunningVersionAlone() throws Exception {
        Path jar = apps.resolve("cut.jar");
        TestJar.talker("test.cut", "1.0.0", "cut one").moveTo(jar);
        running.awaitLog("cut one started");
        byte[] next = TestJar.talker("test.cut", "1.1.0", "cut two").bytes();

        Files.write(jar, Arrays.copyOf(next, next.length - 10));
        running.awaitLog("INFO", "'cut.jar' is not whole yet", "test.cut 1.0.0 runs on");
        Files.write(jar, next);
        running.awaitLog("cut two started");

        assertThat(running.log().stream().filter(line -> line.startsWith("cut ")))
                .containsExactly("cut one started", "cut one stopped", "cut two started");
    }

    /** The one stops only when the other's new version has started: both would wait for ever if one waited for the other. */
    @Test
    void anAppThatDoesNotStopHoldsNoOtherAppsUpdateUp() throws Exception {
        String latch = "((java.util.concurrent.CountDownLatch) System.getProperties().get(\"test.latch\"))";
        TestJar.talker("test.free", "1.0.0", "free one").moveTo(apps.resolve("free.jar"));
        running.awaitLog("free one started");
        TestJar.bundle("test.held", "1.0.0")
                .activator(
                        "test.held",
                        "System.getProperties().put(\"test.latch\", new java.util.concurrent.CountDownLatch(1));"
                                + "System.out.println(\"held one started\");",
                        "System.out.println(\"held one stops\");" + latch + ".await();")
                .moveTo(apps.resolve("held.jar"));
        running.awaitLog("held one started");

        TestJar.talker("test.held", "1.1.0", "held two").moveTo(apps.resolve("held.jar"));
        running.awaitLog("held one stops");
        TestJar.bundle("test.free", "1.1.0")
                .activator("test.free", latch + ".countDown();", "")
                .moveTo(apps.resolve("free.jar"));

        running.awaitLog("held two started");
    }

    @Test
    void aFileThatIsNoJarIsNamedOnce() throws Exception {
        Files.writeString(apps.resolve("text.jar"), "this is no jar\n");

        running.awaitLog("WARN", "'text.jar' is not taken: it is no jar");

        assertIsSaidOnce("'text.jar'");
    }

    @Test
    void aJarThatIsNoBundleIsNamedWithTheRemedyAndTakenWhenItIsReplaced() throws Exception {
        Path jar = apps.resolve("plain.jar");

        new TestJar().entry("a.txt", "a").moveTo(jar);
        running.awaitLog("WARN", "'plain.jar' is not taken", "no Bundle-SymbolicName", "build it with bnd");
        TestJar.talker("test.plain", "1.0.0", "plain").moveTo(jar);

        running.awaitLog("plain started");
    }

    @Test
    void aMissingPackageIsNamedAndTheAppComesUpWhenItComes() throws Exception {
        Path needy = apps.resolve("needy.jar");

        TestJar.talker("test.needy", "1.0.0", "needy")
                .imports("test.needed;version=\"[1.2,2)\"")
                .moveTo(needy);
        running.awaitLog("WARN", "'needy.jar' (test.needy 1.0.0) does not run", "package 'test.needed' [1.2.0,2.0.0)");
        TestJar.bundle("test.provider", "1.0.0")
                .exports("test.needed;version=\"1.0\"")
                .entry("test/needed/a.txt", "a")
                .moveTo(apps.resolve("provider.jar"));
        running.awaitLog("'needy.jar'", "is not there in that version", "'test.provider' exports version 1.0.0");
        TestJar.bundle("test.provider", "1.1.0")
                .exports("test.needed;version=\"1.2\"")
                .entry("test/needed/a.txt", "a")
                .moveTo(apps.resolve("provider.jar"));
        running.awaitLog("needy started");
        running.awaitLog("INFO", "'needy.jar' runs");

        assertThat(running.log().stream().filter(line -> line.contains("WARN") && line.contains("'needy.jar'")))
                .hasSize(2);
    }

    @Test
    void aNewVersionThatLacksAPackageDoesNotReplaceTheOneThatRuns() throws Exception {
        Path jar = apps.resolve("greedy.jar");
        TestJar.talker("test.greedy", "1.0.0", "greedy one").moveTo(jar);
        running.awaitLog("greedy one started");

        TestJar.talker("test.greedy", "2.0.0", "greedy two")
                .imports("test.nowhere")
                .moveTo(jar);
        running.awaitLog(
                "WARN",
                "'greedy.jar' is not taken: version 2.0.0",
                "package 'test.nowhere'",
                "exported by no bundle",
                "test.greedy 1.0.0 runs on");
        TestJar.bundle("test.somewhere", "1.0.0")
                .exports("test.nowhere")
                .entry("test/nowhere/a.txt", "a")
                .moveTo(apps.resolve("somewhere.jar"));
        running.awaitLog("greedy two started");

        assertThat(running.log().stream().filter(line -> line.startsWith("greedy ")))
                .containsExactly("greedy one started", "greedy one stopped", "greedy two started");
    }

    @Test
    void anActivatorThatThrowsIsNamedWithItsCauseAndReplacedByAGoodOneItComesUp() throws Exception {
        Path jar = apps.resolve("broken.jar");

        TestJar.bundle("test.broken", "1.0.0")
                .activator("test.broken", "throw new IllegalStateException(\"out of luck\");", "")
                .moveTo(jar);
        running.awaitLog(
                "WARN",
                "'broken.jar' (test.broken 1.0.0) does not run",
                "its activator threw java.lang.IllegalStateException: out of luck");
        running.awaitLog("at test.broken.Activator.start");
        TestJar.talker("test.broken", "1.0.1", "broken no more").moveTo(jar);

        running.awaitLog("broken no more started");
    }

    @Test
    void ofTwoJarsOfOneNameTheFirstStaysAndTheSecondTakesItsPlaceWhenItGoes() throws Exception {
        Path first = apps.resolve("twin-b.jar");
        TestJar.talker("test.twin", "1.0.0", "twin b").moveTo(first);
        running.awaitLog("twin b started");

        TestJar.talker("test.twin", "2.0.0", "twin a").moveTo(apps.resolve("twin-a.jar"));
        running.awaitLog(
                "WARN", "'twin-a.jar' is not taken: 'test.twin' is installed already, version 1.0.0 from 'twin-b.jar'");
        Files.delete(first);
        running.awaitLog("twin a started");

        assertThat(running.log().stream().filter(line -> line.startsWith("twin ")))
                .containsExactly("twin b started", "twin b stopped", "twin a started");
    }

    @Test
    void anAppCannotTakeThePlaceOfAPartOfTheRuntime() throws Exception {
        TestJar.talker("org.callosum.core", "9.0.0", "usurper").moveTo(apps.resolve("usurper.jar"));

        running.awaitLog("WARN", "'usurper.jar' is not taken: 'org.callosum.core' is installed already", "the runtime");
    }

    @Test
    void aServiceThatAComponentWaitsForIsNamed() throws Exception {
        TestJar.bundle("test.waiting", "1.0.0")
                .header("Service-Component", "OSGI-INF/waiting.xml")
                .header(
                        "Require-Capability",
                        "osgi.extender;filter:=\"(&(osgi.extender=osgi.component)(version>=1.4)(!(version>=2.0)))\"")
                .source(
                        "test.waiting.Waiting",
                        "package test.waiting; public class Waiting { void bind(Runnable r) {} }")
                .entry(
                        "OSGI-INF/waiting.xml",
                        """
                        <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.3.0" name="test.Waiting" immediate="true">
                          <reference name="r" interface="java.lang.Runnable" target="(name=nobody)" bind="bind"/>
                          <implementation class="test.waiting.Waiting"/>
                        </scr:component>
                        """)
                .moveTo(apps.resolve("waiting.jar"));

        running.awaitLog(
                "WARN",
                "'waiting.jar' (test.waiting 1.0.0) runs, but component 'test.Waiting' waits for a service"
                        + " 'java.lang.Runnable' with (name=nobody)");
    }

    @Test
    void aHiddenFileIsLeftAlone() throws Exception {
        Files.write(
                apps.resolve(".hidden.jar"),
                TestJar.talker("test.hidden", "1.0.0", "hidden").bytes());

        TestJar.talker("test.shown", "1.0.0", "shown").moveTo(apps.resolve("shown.jar"));
        running.awaitLog("shown started");

        assertThat(running.log()).noneMatch(line -> line.contains("hidden"));
    }

    /** Another jar comes and goes, and with it what would be said again. */
    private void assertIsSaidOnce(String name) throws IOException, InterruptedException {
        Path later = apps.resolve("later.jar");
        TestJar.talker("test.later", "1.0.0", "later").moveTo(later);
        running.awaitLog("later started");
        Files.delete(later);
        running.awaitLog("'later.jar' is gone");
        assertThat(running.log().stream().filter(line -> line.contains(name))).hasSize(1);
    }
}
