// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(60)
class DiagnoseCommandTest {
    @TempDir
    Path folder;

    @AutoClose
    private final Gogo gogo = new Gogo()
            .add(
                    new DiagnoseCommand(
                            new FakeContext().proxy(),
                            new FakeDispatcher(true, List.of(Handlers.SEGMENT_LOG, Handlers.BAD), List.of()),
                            new FakeBridge(Optional.empty())),
                    "diagnose");

    @Test
    void allIsInOneFileThatNobodyElseMayRead() throws Exception {
        Path file = folder.resolve("new/report.txt");

        assertThat(gogo.run("diagnose " + file))
                .startsWith("Written to " + file + ", ")
                .endsWith(". Look it through before you send it.\n");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
                .isEqualTo("rwx------");
        String text = Files.readString(file);
        assertThat(text.lines().filter(line -> line.startsWith("== ")))
                .hasSize(15)
                .contains("== Status ==", "== Threads ==", "== Configuration ==", "== Recent log ==");
        assertThat(text)
                .contains("== How long invocations took ==\n\n" + LatenciesViewTest.SEGMENT_LOG)
                .contains("segment-log/SegmentLog", "com.example.Lock.await(Lock.java:42)", "java.vm.version")
                .contains("org.callosum.shell.DiagnoseCommand.diagnose(DiagnoseCommand.java");
    }

    @Test
    void whatCannotBeHadSaysWhyAndCostsTheRestNothing() throws Exception {
        Path file = folder.resolve("report.txt");
        gogo.run("diagnose " + file);

        assertThat(Files.readString(file))
                .contains(
                        "== Configuration ==\n\nnot to be had: java.lang.UnsupportedOperationException: getServiceReference\n");
    }

    @Test
    void aFileThatIsThereIsLeftAlone() throws Exception {
        Path file = Files.writeString(folder.resolve("report.txt"), "mine");
        Path link = Files.createSymbolicLink(folder.resolve("link.txt"), folder.resolve("elsewhere.txt"));

        for (Path place : List.of(file, link)) {
            assertThatThrownBy(() -> gogo.run("diagnose " + place))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("There is a file " + place + " already, which is left alone: give another name");
        }
        assertThat(file).hasContent("mine");
        assertThat(folder.resolve("elsewhere.txt")).doesNotExist();
    }

    @Test
    void aPlaceThatCannotBeWrittenToIsAnErrorOfASentence() throws Exception {
        Path file = Files.writeString(folder.resolve("report.txt"), "a file, no folder");

        assertThatThrownBy(() -> gogo.run("diagnose " + file.resolve("below.txt")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith(
                        "File " + file.resolve("below.txt") + " cannot be written (" + file + " is no folder)")
                .hasMessageContaining("give another place");
        assertThatThrownBy(() -> gogo.run("diagnose a b")).hasMessageStartingWith("Too many words");
    }
}
