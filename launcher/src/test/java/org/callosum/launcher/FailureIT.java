// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What an operator meets when something is not as it should be: a sentence, and no stack trace. */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class FailureIT {
    private static final String REMEDY = " Callosum needs Java 17 or later. Install it"
            + " (Debian: 'apt-get install openjdk-17-jre-headless') or set JAVA_HOME to where it is.";

    @TempDir
    Path folder;

    private Path home;
    private Path journal;
    private Path mounted;
    private Running running;

    @BeforeEach
    void copyDistribution() throws Exception {
        home = Running.copyDistribution(folder.resolve("callosum"));
        journal = folder.resolve("journal");
    }

    @AfterEach
    void end() throws Exception {
        if (running != null) {
            running.kill();
        }
        if (mounted != null) {
            run("umount", mounted.toString());
        }
    }

    @Test
    void aJavaThatIsTooOldIsNamedWithItsVersion() throws Exception {
        Path java = script(folder.resolve("jdk-11/bin/java"), "exit 0");
        Files.writeString(folder.resolve("jdk-11/release"), "IMPLEMENTOR=\"Test\"\nJAVA_VERSION=\"11.0.2\"\n");

        assertThat(sentence(Map.of("JAVA_HOME", folder.resolve("jdk-11").toString())))
                .isEqualTo("callosum: '" + java + "' is Java 11.0.2." + REMEDY);
    }

    @Test
    void aJavaThatHasNoVersionFileIsAsked() throws Exception {
        Path java = script(folder.resolve("jdk-8/bin/java"), "echo 'openjdk version \"1.8.0_402\"' >&2");

        assertThat(sentence(Map.of("JAVA_HOME", folder.resolve("jdk-8").toString())))
                .isEqualTo("callosum: '" + java + "' is Java 1.8.0_402." + REMEDY);
    }

    @Test
    void aJavaHomeWithoutJavaIsNamed() throws Exception {
        assertThat(sentence(Map.of("JAVA_HOME", "/nowhere")))
                .isEqualTo("callosum: JAVA_HOME is '/nowhere', where there is no bin/java." + REMEDY);
    }

    @Test
    void withoutAnyJavaItSaysWhatToInstall() throws Exception {
        Path tools = Files.createDirectory(folder.resolve("tools"));
        for (String tool : List.of("sh", "readlink")) {
            Files.createSymbolicLink(tools.resolve(tool), Path.of("/bin").resolve(tool));
        }

        assertThat(sentence(Map.of("JAVA_HOME", "", "PATH", tools.toString())))
                .isEqualTo("callosum: no Java found." + REMEDY);
    }

    @Test
    void aJournalThatIsMissingIsMade() throws Exception {
        journal = folder.resolve("not/yet/there");

        running = Running.start(home, journal);

        assertThat(journal.resolve("health/callosum.sock")).exists();
    }

    @Test
    void aJournalThatCannotBeMadeIsNamed() throws Exception {
        journal = Path.of("/proc/journal"); // nobody can, not even root

        assertThat(sentence(Map.of())).matches(cannotBeWritten());
    }

    @Test
    void aJournalThatIsReadOnlyIsNamed() throws Exception {
        journal = mount("size=1m,ro");

        assertThat(sentence(Map.of())).matches(cannotBeWritten());
    }

    @Test
    void aJournalOnAFullDiskHoldsTheBusUpNot() throws Exception {
        journal = mount("size=64k");
        run("sh", "-c", "head -c 1000000 /dev/zero >'" + journal + "/full' 2>/dev/null; true");

        running = Running.start(home, journal);
        assertThat(send()).isZero();
        running.terminate();

        assertThat(running.awaitEnd()).isZero();
        assertThat(running.log()).noneMatch(line -> line.startsWith("    "));
    }

    @Test
    void aSocketPathThatIsTooLongIsNamedWithItsLength() throws Exception {
        journal = folder.resolve("x".repeat(110));

        running = Running.launch(home, "run", "--journal", journal.toString());

        running.awaitLog("ERROR", "there is no bus: Socket path '" + journal, "bytes long");
        assertThat(running.log()).noneMatch(line -> line.startsWith("    "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP"})
    void aSignalToStopEndsItWithZeroAndNoSocket(String signal) throws Exception {
        Running.assumeNotIgnored(signal);
        running = Running.start(home, journal);

        signal(signal);

        assertThat(running.awaitEnd()).isZero();
        assertThat(journal.resolve("health/callosum.sock")).doesNotExist();
    }

    /** As {@code nohup} starts it. */
    @Test
    void whereTheHangUpIsIgnoredItRunsOn() throws Exception {
        Path script = home.resolve("bin/callosum");
        Path renamed = Files.move(script, script.resolveSibling("real"));
        script(script, "trap '' HUP; exec '" + renamed + "' \"$@\"");
        running = Running.start(home, journal);

        signal("HUP");

        assertThat(send()).isZero();
        running.terminate();
        assertThat(running.awaitEnd()).isZero();
    }

    @Test
    void aLockThatNobodyHoldsIsNone() throws Exception {
        Files.createDirectories(home.resolve("data"));
        Files.writeString(home.resolve("data/lock"), "process 1 since 2020-01-01T00:00:00Z\n");

        running = Running.start(home, journal);

        assertThat(Files.readString(home.resolve("data/lock"))).startsWith("process " + running.pid() + " since ");
    }

    @Test
    void dataThatIsNoFolderIsNamed() throws Exception {
        Files.createFile(home.resolve("data"));

        assertThat(sentence(Map.of())).startsWith("callosum: '" + home.resolve("data"));
    }

    @Test
    void whatIsMissingOfTheDistributionIsNamed() throws Exception {
        Path core = home.resolve("system/org.callosum.core.jar");
        Files.delete(core);

        assertThat(sentence(Map.of()))
                .isEqualTo("callosum: '" + core + "' is missing: the distribution is not whole; unpack it again.");
    }

    private String cannotBeWritten() {
        return "callosum: the journal '" + journal
                + "' cannot be written \\(.*\\): make it writable, or name another one"
                + " with --journal or \\$SOLSTONE_JOURNAL\\.";
    }

    /** The one line that a start which fails says. */
    private String sentence(Map<String, String> environment) throws Exception {
        running = Running.launch(home, environment, "run", "--journal", journal.toString());
        assertThat(running.awaitEnd()).isEqualTo(1);
        assertThat(running.output()).isEmpty();
        assertThat(running.log()).hasSize(1);
        return running.log().get(0);
    }

    private int send() throws Exception {
        try (Running send = Running.launch(home, "send", "--journal", journal.toString(), "a", "b")) {
            return send.awaitEnd();
        }
    }

    private void signal(String name) throws Exception {
        assertThat(run("kill", "-" + name, Long.toString(running.pid()))).isZero();
    }

    private Path mount(String options) throws Exception {
        Path place = Files.createDirectory(folder.resolve("disk"));
        Assumptions.assumeTrue(
                run("mount", "-t", "tmpfs", "-o", options, "tmpfs", place.toString()) == 0,
                "a file system can be mounted by root alone");
        mounted = place;
        return place;
    }

    private static Path script(Path file, String text) throws Exception {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + text + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(new File("/dev/null"))
                .start()
                .waitFor();
    }
}
