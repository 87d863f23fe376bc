// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The archive of loaded classes: that it is used where it fits, and that nobody notices where it does not. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class ArchiveIT {
    private static final String FROM_ARCHIVE = "source: shared objects file";

    @TempDir
    Path folder;

    private Path home;

    @BeforeEach
    void copyDistribution() throws IOException {
        home = Running.copyDistribution(folder.resolve("callosum"));
    }

    @Test
    void whereItIsMadeTheCommandsAndTheBundlesComeFromIt() throws Exception {
        Path crash = home.resolve("data/cds/hs_err.log");
        Files.createDirectories(crash.getParent());
        Files.createFile(crash);

        assertThat(run("archive")).isEmpty();

        assertThat(crash).doesNotExist();

        List<String> help = classesLoadedBy("--help");
        List<String> run = classesOfARun();

        assertThat(help).anyMatch(line -> line.contains(" org.callosum.launcher.Main " + FROM_ARCHIVE));
        assertThat(run).anyMatch(line -> line.contains(" org.apache.felix.framework.Felix " + FROM_ARCHIVE));
        if (Runtime.version().feature()
                == 17) { // later ones archive less: of what a framework loads, and of old formats
            assertThat(help).anyMatch(line -> line.contains(" picocli.CommandLine " + FROM_ARCHIVE));
            assertThat(run).anyMatch(line -> line.contains(" org.callosum.bus.BusServer " + FROM_ARCHIVE + " (top)"));
            // It implements an interface of another bundle, which nothing but this archive has the JVM link.
            assertThat(run)
                    .anyMatch(line -> line.contains(
                            " org.apache.felix.scr.impl.manager.SingleComponentManager " + FROM_ARCHIVE + " (top)"));
        }
    }

    @Test
    void itIsMadeBesideABusThatRunsWithoutGoingToIt() throws Exception {
        String journal = folder.resolve("journal").toString();
        try (Running bus = Running.launch(home, "run", "--journal", journal)) {
            bus.awaitReady();
            Path other = Running.copyDistribution(folder.resolve("other"));

            try (Running archive = Running.launch(other, Map.of("SOLSTONE_JOURNAL", journal), "archive")) {
                assertThat(archive.awaitEnd()).isZero();
            }
            assertThat(Files.exists(other.resolve("data/cds/run.jsa"))).isTrue();

            try (Running clients = Running.launch(home, "shell", "--journal", journal, "clients --closed")) {
                clients.awaitEnd();
                assertThat(clients.output()).contains("No connections.", "No closed connections are remembered.");
            }
        }
    }

    @Test
    void aCopyElsewhereDoesWithoutAndSaysNothing() throws Exception {
        run("archive");
        Path moved = folder.resolve("moved");
        Files.move(home, moved);
        home = moved;

        assertThat(run("--version")).noneMatch(line -> line.contains("cds") || line.contains("archive"));
        assertThat(classesLoadedBy("--help")).anyMatch(line -> line.contains(" picocli.CommandLine source: file:"));
        assertThat(new ClassArchive(new Distribution(home)).isCurrent()).isFalse();
    }

    @Test
    void aBrokenOneIsPassedOverInSilence() throws Exception {
        run("archive");
        List<String> before = run("--version");
        Path base = home.resolve("data/cds/base.jsa");
        byte[] bytes = Files.readAllBytes(base);
        Files.delete(base);
        Files.write(base, Arrays.copyOf(bytes, bytes.length / 2));

        assertThat(run("--version")).isEqualTo(before);
    }

    @Test
    void whereItCannotBeWrittenItSaysSoInASentence() throws Exception {
        Files.createFile(home.resolve("data"));

        assertThat(run("archive"))
                .singleElement()
                .asString()
                .startsWith("callosum: no class archive: '" + home.resolve("data/cds") + "' cannot be written: ");
    }

    @Test
    void jarsThatChangedNeedAnother() throws Exception {
        run("archive");
        var archive = new ClassArchive(new Distribution(home));
        assertThat(archive.isCurrent()).isTrue();

        Files.copy(
                home.resolve("apps/org.callosum.apps.observer.jar"), home.resolve("system/org.callosum.another.jar"));

        assertThat(archive.isCurrent()).isFalse();
    }

    /** What a command writes, to both streams. */
    private List<String> run(String... arguments) throws IOException, InterruptedException {
        try (Running running = Running.launch(home, arguments)) {
            running.awaitEnd();
            return Stream.concat(running.output().stream(), running.log().stream())
                    .toList();
        }
    }

    private List<String> classesLoadedBy(String... arguments) throws Exception {
        Path log = folder.resolve("classes");
        try (Running running = Running.launch(home, logClasses(log), arguments)) {
            assertThat(running.awaitEnd()).isZero();
        }
        return Files.readAllLines(log);
    }

    private List<String> classesOfARun() throws Exception {
        Path log = folder.resolve("classes");
        String journal = folder.resolve("journal").toString();
        try (Running running = Running.launch(home, logClasses(log), "run", "--journal", journal)) {
            running.awaitReady();
            running.terminate();
            assertThat(running.awaitEnd()).isZero();
        }
        return Files.readAllLines(log);
    }

    private static Map<String, String> logClasses(Path log) {
        return Map.of("JAVA_OPTS", "-Xlog:class+load:file=" + log);
    }
}
