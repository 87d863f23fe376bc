// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The distribution as a process: how it starts, what it says, how it ends, and what is left. */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class RunIT {
    @TempDir
    Path folder;

    private Path home;
    private Path journal;
    private Path socket;
    private Running running;

    @BeforeEach
    void copyDistribution() throws IOException {
        home = Running.copyDistribution(folder.resolve("a place/callosum"));
        journal = folder.resolve("journal");
        socket = journal.resolve("health/callosum.sock");
    }

    @AfterEach
    void kill() throws InterruptedException {
        if (running != null) {
            running.kill();
        }
    }

    @Test
    void whenItSaysReadyTheBusAcceptsAndAtSigtermItEndsWithZeroAndNoSocket() throws Exception {
        running = Running.launch(home, "run", "--journal", journal.toString());

        String ready = running.awaitReady();
        String echo = send("{\"tract\":\"test\",\"event\":\"hello\",\"ts\":1}");
        running.terminate();

        assertThat(ready).matches("ready socket=" + socket + " apps=3 handlers=3 ms=\\d+");
        assertThat(echo).isEqualTo("{\"tract\":\"test\",\"event\":\"hello\",\"ts\":1}");
        assertThat(running.awaitEnd()).as("exit status").isZero();
        assertThat(socket).doesNotExist();
        assertThat(running.output()).as("standard output").containsExactly(ready);
        assertThat(running.log()).noneMatch(line -> line.contains("WARN") || line.contains("ERROR"));
    }

    @Test
    void whatAnAppPrintsIsNotOnStandardOutput() throws Exception {
        TestJar.talker("test.talker", "1.0.0", "talker").moveTo(apps().resolve("talker.jar"));

        running = Running.start(home, journal);
        running.awaitLog("talker started");
        running.terminate();
        running.awaitEnd();

        assertThat(running.output()).hasSize(1);
        assertThat(running.log()).contains("talker stopped");
    }

    @Test
    void whatTheBusHasTakenIsHandledBeforeItEnds() throws Exception {
        TestJar.bundle("test.slow", "1.0.0")
                .imports("org.osgi.service.event")
                .activator(
                        "test.slow",
                        """
                        context.registerService(org.osgi.service.event.EventHandler.class, event -> {
                            try { Thread.sleep(20); } catch (InterruptedException e) { return; }
                            System.out.println("handled " + event.getProperty("n"));
                        }, new java.util.Hashtable<>(java.util.Map.of("tract", "work", "event", "*")));
                        """,
                        "")
                .moveTo(apps().resolve("slow.jar"));
        running = Running.start(home, journal);

        String messages = IntStream.range(0, 50)
                .mapToObj(n -> "{\"tract\":\"work\",\"event\":\"do\",\"n\":" + n + "}\n")
                .collect(Collectors.joining());
        send(messages + "{\"tract\":\"the\",\"event\":\"last\",\"ts\":1}", "the");
        running.terminate();

        assertThat(running.awaitEnd()).isZero();
        assertThat(running.log().stream().filter(line -> line.startsWith("handled ")))
                .containsExactlyElementsOf(
                        IntStream.range(0, 50).mapToObj(n -> "handled " + n).toList());
    }

    @Test
    void itStartsAgainAfterItWasKilled() throws Exception {
        TestJar.talker("test.talker", "1.0.0", "talker").moveTo(apps().resolve("talker.jar"));
        running = Running.start(home, journal);
        running.kill();
        assertThat(socket).exists();

        running = Running.start(home, journal);

        running.awaitLog("talker started");
        assertThat(send("{\"tract\":\"a\",\"event\":\"b\",\"ts\":1}")).contains("\"tract\":\"a\"");
        assertThat(running.log()).noneMatch(line -> line.contains("rebuilt"));
    }

    @Test
    void aSecondRunOfTheSameDistributionIsRefusedAndNamesTheFirst() throws Exception {
        running = Running.start(home, journal);

        try (Running second = Running.launch(home, "run", "--journal", journal.toString())) {
            assertThat(second.awaitEnd()).isEqualTo(1);
            assertThat(second.log())
                    .singleElement()
                    .asString()
                    .contains("is running already: process " + running.pid() + " since 20");
        }
    }

    @Test
    void anotherDistributionOnTheSameJournalIsAClientOfTheFirst() throws Exception {
        running = Running.start(home, journal);
        Path other = Running.copyDistribution(folder.resolve("other"));

        try (Running second = Running.start(other, journal)) {
            second.terminate();
            assertThat(second.awaitEnd()).isZero();
        }
        assertThat(send("{\"tract\":\"a\",\"event\":\"b\",\"ts\":1}")).contains("\"tract\":\"a\"");
    }

    @Test
    void aJarThatChangedOrWentWhileItWasDownIsUpdatedOrUninstalled() throws Exception {
        TestJar.talker("test.gone", "1.0.0", "gone").moveTo(apps().resolve("gone.jar"));
        TestJar.talker("test.kept", "1.0.0", "kept").moveTo(apps().resolve("kept.jar"));
        TestJar.talker("test.newer", "1.0.0", "newer one").moveTo(apps().resolve("newer.jar"));
        runOnce();
        Files.delete(apps().resolve("gone.jar"));
        TestJar.talker("test.newer", "1.1.0", "newer two").moveTo(apps().resolve("newer.jar"));

        List<String> log = runOnce();

        assertThat(log).anyMatch(line -> line.contains("'gone.jar' is gone: test.gone 1.0.0 is uninstalled"));
        assertThat(log.stream().filter(line -> line.endsWith(" started")))
                .containsExactlyInAnyOrder("kept started", "newer two started");
        assertThat(log).noneMatch(line -> line.contains("'kept.jar'"));
    }

    @Test
    void theLastJarsAreMissedToo() throws Exception {
        runOnce();
        for (String app : List.of("observer", "support", "segment-log")) {
            Files.delete(apps().resolve("org.callosum.apps." + app + ".jar"));
        }

        running = Running.launch(home, "run", "--journal", journal.toString());

        assertThat(running.awaitReady()).contains(" apps=0 handlers=0 ");
    }

    @Test
    void anAppFromTheCacheThatDoesNotRunIsReportedOnceAtTheStart() throws Exception {
        TestJar.bundle("test.broken", "1.0.0")
                .activator("test.broken", "throw new IllegalStateException(\"out of luck\");", "")
                .moveTo(apps().resolve("broken.jar"));
        TestJar.bundle("test.needy", "1.0.0").imports("test.nowhere").moveTo(apps().resolve("needy.jar"));
        runUntil("'needy.jar'");

        List<String> log = runUntil("'needy.jar'");

        assertThat(log.stream().filter(line -> line.contains("'broken.jar'")))
                .singleElement()
                .asString()
                .contains("does not run: its activator threw java.lang.IllegalStateException: out of luck");
        assertThat(log.stream().filter(line -> line.contains("'needy.jar'")))
                .singleElement()
                .asString()
                .contains("does not run: package 'test.nowhere'");
        assertThat(log).noneMatch(line -> line.contains("FrameworkEvent"));
    }

    @Test
    void whatAnOperatorStoppedStaysStoppedOverARestartAndAnUpdate() throws Exception {
        TestJar.talker("test.victim", "1.0.0", "victim one").moveTo(apps().resolve("a-victim.jar"));
        TestJar.bundle("test.operator", "1.0.0")
                .activator(
                        "test.operator",
                        "for (var b : context.getBundles()) if (\"test.victim\".equals(b.getSymbolicName())) b.stop();",
                        "")
                .moveTo(apps().resolve("b-operator.jar"));
        assertThat(runOnce()).contains("victim one started", "victim one stopped");
        Files.delete(apps().resolve("b-operator.jar"));

        List<String> restart = runOnce();
        TestJar.talker("test.victim", "1.1.0", "victim two").moveTo(apps().resolve("a-victim.jar"));
        List<String> update = runOnce();

        assertThat(restart).doesNotContain("victim one started");
        assertThat(update)
                .doesNotContain("victim two started")
                .anyMatch(line -> line.contains("'a-victim.jar' is updated") && line.contains("it stays stopped"));
    }

    @Test
    void aMovedDistributionRebuildsItsCache() throws Exception {
        runOnce();
        Path moved = folder.resolve("moved");
        Files.move(home, moved);
        home = moved;

        List<String> log = runOnce();

        assertThat(log).anyMatch(line -> line.contains("data/cache is rebuilt"));
        assertThat(log).noneMatch(line -> line.contains("is gone"));
    }

    @Test
    void aNewVersionOverAnOldCacheRebuildsIt() throws Exception {
        runOnce();
        Path order = home.resolve("system/start-order");
        Files.writeString(
                order, Files.readString(order).replace("16 org.callosum.shell.jar", "17 org.callosum.shell.jar"));

        assertThat(runOnce()).anyMatch(line -> line.contains("data/cache is rebuilt"));
        assertThat(runOnce()).noneMatch(line -> line.contains("data/cache is rebuilt"));
    }

    @Test
    void aCacheThatCannotBeReadIsRebuilt() throws Exception {
        runOnce();
        try (Stream<Path> files = Files.walk(home.resolve("data/cache"))) {
            for (Path info : files.filter(each -> each.endsWith("bundle.info")).toList()) {
                Files.writeString(info, "");
            }
        }

        assertThat(runOnce()).contains("callosum: data/cache cannot be used: it is rebuilt");
    }

    @Test
    void settingsTakeEffectAtTheStartAndAreTakenBackWithTheirFile() throws Exception {
        Path other = folder.resolve("other.sock");
        Path settings = home.resolve("etc/org.callosum.bus.cfg");
        Files.writeString(settings, "socket = " + other + "\n");
        running = Running.launch(home, "run", "--journal", journal.toString());
        assertThat(running.awaitReady()).contains("socket=" + other + " ");
        running.terminate();
        running.awaitEnd();
        Files.delete(settings);

        running = Running.launch(home, "run", "--journal", journal.toString());

        assertThat(running.awaitReady()).contains("socket=" + socket + " ");
    }

    @Test
    void aJournalThatIsAFileIsRefused() throws Exception {
        running = Running.launch(
                home,
                "run",
                "--journal",
                Files.createFile(folder.resolve("file")).toString());

        assertThat(running.awaitEnd()).isEqualTo(1);
        assertThat(running.log())
                .containsExactly("callosum: the journal '" + folder.resolve("file")
                        + "' is no folder: name one with --journal or $SOLSTONE_JOURNAL.");
    }

    @Test
    void theScriptIsFoundThroughASymbolicLink() throws Exception {
        Path link = Files.createSymbolicLink(
                Files.createDirectory(folder.resolve("links")).resolve("callosum"), home.resolve("bin/callosum"));

        var process = new ProcessBuilder(link.toString(), "run", "--help")
                .redirectErrorStream(true)
                .start();

        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("--journal", "SIGTERM");
        assertThat(process.waitFor()).isZero();
    }

    private Path apps() {
        return home.resolve("apps");
    }

    private List<String> runOnce() throws IOException, InterruptedException {
        running = Running.start(home, journal);
        running.terminate();
        assertThat(running.awaitEnd()).isZero();
        return running.log();
    }

    private List<String> runUntil(String part) throws IOException, InterruptedException {
        running = Running.start(home, journal);
        running.awaitLog("WARN", part);
        running.terminate();
        assertThat(running.awaitEnd()).isZero();
        return running.log();
    }

    /** Sends a message as any client does, and gives what comes back. */
    private String send(String message) throws IOException {
        return send(message, "");
    }

    /** Sends messages as any client does, and gives the first that comes back and holds this. */
    private String send(String messages, String part) throws IOException {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(ByteBuffer.wrap((messages + "\n").getBytes(StandardCharsets.UTF_8)));
            var lines = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
            String line = lines.readLine();
            while (line != null && !line.contains(part)) {
                line = lines.readLine();
            }
            return line;
        }
    }
}
