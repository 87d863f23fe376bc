// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(30)
class JournalFolderTest {
    @TempDir
    Path temp;

    private Path root;
    private Path elsewhere;
    private JournalFolder folder;

    @BeforeEach
    void makeJournalAndSomethingBesideIt() throws IOException {
        root = Files.createDirectory(temp.resolve("journal"));
        elsewhere = Files.createDirectory(temp.resolve("elsewhere"));
        folder = new Journal(root).folder("a", "b", "c");
    }

    @Test
    void itIsThereWhenAllFoldersOnTheWayAre() throws IOException {
        assertThat(folder.exists()).isFalse();
        Files.createDirectories(root.resolve("a/b"));
        assertThat(folder.exists()).isFalse();
        Files.createDirectory(root.resolve("a/b/c"));
        assertThat(folder.exists()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a/b", "a/b/c"})
    void itIsNotThereWhenAFileIsInTheWay(String file) throws IOException {
        Files.createDirectories(root.resolve(file).getParent());
        Files.createFile(root.resolve(file));

        assertThat(folder.exists()).isFalse();
        assertThatIOException()
                .isThrownBy(folder::create)
                .withMessageContaining(root.resolve(file).toString());
    }

    @Test
    void creatingMakesWhatIsMissingOnTheWay() throws IOException {
        folder.create();
        folder.create();

        assertThat(root.resolve("a/b/c")).isDirectory();
    }

    @Test
    void theRootMayBeALink() throws IOException {
        Path link = Files.createSymbolicLink(temp.resolve("link"), root);
        JournalFolder viaLink = new Journal(link).folder("a");

        viaLink.create();
        viaLink.appendLine("f", "line");

        assertThat(root.resolve("a/f")).hasContent("line\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a/b", "a/b/c"})
    void aLinkOnTheWayIsNeverFollowed(String link) throws IOException {
        Files.createDirectories(elsewhere.resolve("b/c"));
        Files.createDirectories(elsewhere.resolve("c"));
        Files.writeString(elsewhere.resolve("f"), "secret");
        Files.writeString(elsewhere.resolve("c/f"), "secret");
        Files.writeString(elsewhere.resolve("b/c/f"), "secret");
        Files.createDirectories(root.resolve(link).getParent());
        Files.createSymbolicLink(root.resolve(link), elsewhere);
        List<String> before = everythingIn(elsewhere);

        for (Callable<?> call : List.<Callable<?>>of(
                folder::exists,
                () -> folder.names(""),
                () -> folder.read("f", 100),
                () -> run(folder::create),
                () -> run(() -> folder.appendLine("f", "line")),
                () -> run(() -> folder.appendLine("new", "line")),
                () -> run(() -> folder.replace("f", "text")))) {
            assertThatThrownBy(call::call)
                    .isInstanceOf(SymbolicLinkException.class)
                    .hasMessage(root.resolve(link) + ": is a symbolic link: none is followed below the journal's root");
        }
        assertThat(everythingIn(elsewhere)).isEqualTo(before);
    }

    @Test
    void aLinkWithinTheJournalIsNotFollowedEither() throws IOException {
        Files.createDirectories(root.resolve("real/b/c"));
        Files.createSymbolicLink(root.resolve("a"), Path.of("real"));

        assertThatIOException().isThrownBy(folder::exists);
    }

    @Test
    void aFileThatIsALinkIsNeitherReadNorWritten() throws IOException {
        folder.create();
        Path target = Files.writeString(elsewhere.resolve("target"), "secret");
        Files.createSymbolicLink(folder.path().resolve("f"), target);
        Files.createSymbolicLink(folder.path().resolve("dangling"), elsewhere.resolve("made"));

        for (String name : List.of("f", "dangling")) {
            assertThatIOException().isThrownBy(() -> folder.read(name, 100));
            assertThatIOException().isThrownBy(() -> folder.appendLine(name, "line"));
            assertThatIOException().isThrownBy(() -> folder.replace(name, "text"));
        }
        assertThat(target).hasContent("secret");
        assertThat(elsewhere.resolve("made")).doesNotExist();
        assertThat(folder.names("")).containsExactly("dangling", "f");
    }

    @Test
    void whatIsNoRegularFileIsNotOpened() throws Exception {
        folder.create();
        Files.createDirectory(folder.path().resolve("d"));
        Path pipe = folder.path().resolve("p");
        new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();
        assertThat(pipe).exists();

        for (String name : List.of("d", "p")) {
            assertThatIOException()
                    .isThrownBy(() -> folder.appendLine(name, "line"))
                    .withMessage(folder.path().resolve(name) + ": is no regular file: it is neither read nor written");
            assertThatIOException().isThrownBy(() -> folder.read(name, 100));
            assertThatIOException().isThrownBy(() -> folder.replace(name, "text"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "../f", "/f", "d/f", "f\u0000"})
    void aFileHasASingleName(String name) throws IOException {
        folder.create();

        assertThatIllegalArgumentException().isThrownBy(() -> folder.appendLine(name, "line"));
        assertThatIllegalArgumentException().isThrownBy(() -> folder.replace(name, "text"));
        assertThatIllegalArgumentException().isThrownBy(() -> folder.read(name, 100));
        assertThatIllegalArgumentException().isThrownBy(() -> folder.stamp(name));
        assertThat(everythingIn(root)).containsExactly("", "a", "a/b", "a/b/c");
    }

    @Test
    void nothingIsWrittenWhereTheFolderIsMissing() {
        assertThatThrownBy(() -> folder.appendLine("f", "line")).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> folder.replace("f", "text")).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void linesAreAppendedInOrder() throws IOException {
        folder.create();
        folder.appendLine("f", "one");
        folder.appendLine("f", "zwö");
        folder.appendLine("f", "");

        assertThat(folder.read("f", 100)).isEqualTo("one\nzwö\n\n");
    }

    @Test
    void aLineThatWasCutOffIsEndedFirst() throws IOException {
        folder.create();
        Files.writeString(folder.path().resolve("f"), "whole\nhal");

        folder.appendLine("f", "next");

        assertThat(folder.read("f", 100)).isEqualTo("whole\nhal\nnext\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb", "a\rb", "\n"})
    void aLineHasNoLineBreak(String line) throws IOException {
        folder.create();

        assertThatIllegalArgumentException().isThrownBy(() -> folder.appendLine("f", line));
        assertThat(folder.names("")).isEmpty();
    }

    @Test
    void linesOfSeveralThreadsStayWhole() throws Exception {
        folder.create();
        List<String> expected = new ArrayList<>();
        List<Callable<?>> calls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String line = Integer.toString(i).repeat(20_000);
            for (int n = 0; n < 20; n++) {
                expected.add(line);
                calls.add(() -> run(() -> folder.appendLine("f", line)));
            }
        }
        atOnce(calls);

        // Where the file did not end with a line break at the very moment, an empty line stands between two: no harm
        // done.
        List<String> lines = Files.readAllLines(folder.path().resolve("f"));
        lines.removeIf(String::isEmpty);
        assertThat(lines).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void aReplacedFileIsItsOwnersAlone() throws IOException {
        folder.create();
        Path file = Files.writeString(folder.path().resolve("f"), "a longer text than what comes");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        folder.replace("f", "täxt");
        folder.replace("new", "");

        assertThat(file).hasContent("täxt");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(folder.names("")).containsExactly("f", "new");
    }

    @Test
    void aReplacementThatFailsLeavesTheFileAsItWasAndNothingBesideIt() throws IOException {
        folder.create();
        folder.replace("f", "old");

        Thread.currentThread().interrupt(); // fails the write to the file beside
        try {
            assertThatIOException().isThrownBy(() -> folder.replace("f", "new"));
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }

        assertThat(folder.read("f", 100)).isEqualTo("old");
        assertThat(folder.names("")).containsExactly("f");
    }

    @Test
    void aReaderSeesTheOldOrTheNewFileAndNeverHalf() throws Exception {
        folder.create();
        List<String> versions = List.of("a".repeat(100_000), "b".repeat(100_000));
        folder.replace("f", versions.get(0));
        List<Callable<?>> calls = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            String version = versions.get(i % 2);
            calls.add(() -> run(() -> folder.replace("f", version)));
            calls.add(() -> assertThat(folder.read("f", 100_000)).isIn(versions));
        }
        atOnce(calls);

        assertThat(folder.names("")).containsExactly("f");
    }

    @Test
    void readingIsBoundedAndStrict() throws IOException {
        folder.create();
        Files.write(folder.path().resolve("latin1"), new byte[] {'a', (byte) 0xe4});
        Files.writeString(folder.path().resolve("long"), "12345");

        assertThat(folder.read("long", 5)).isEqualTo("12345");
        assertThatIOException()
                .isThrownBy(() -> folder.read("long", 4))
                .withMessage(folder.path().resolve("long") + ": has 5 bytes: 4 are allowed");
        assertThatIOException()
                .isThrownBy(() -> folder.read("latin1", 5))
                .withMessage(folder.path().resolve("latin1") + ": is not UTF-8");
        assertThatThrownBy(() -> folder.read("missing", 5)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void namesAreThoseWithTheEnding() throws IOException {
        assertThat(folder.names(".json")).isEmpty();
        folder.create();
        for (String name : List.of("b.json", "a.json", "c.jsonl", ".json", "d")) {
            Files.createFile(folder.path().resolve(name));
        }

        assertThat(folder.names(".json")).containsExactly(".json", "a.json", "b.json");
    }

    @Test
    void theStampChangesWithTheFile() throws IOException {
        folder.create();
        folder.replace("f", "one");
        FileStamp first = folder.stamp("f");

        assertThat(folder.stamp("f")).isEqualTo(first);
        folder.replace("f", "four");
        assertThat(folder.stamp("f")).isNotEqualTo(first);
    }

    private interface Action {
        void run() throws Exception;
    }

    private static Void run(Action action) throws Exception {
        action.run();
        return null;
    }

    /** Runs all, each on a thread of its own and all together; fails as the first that failed. */
    private static void atOnce(List<Callable<?>> calls) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(calls.size());
        try {
            CountDownLatch ready = new CountDownLatch(calls.size());
            List<Future<?>> results = new ArrayList<>();
            for (Callable<?> call : calls) {
                results.add(threads.submit(() -> {
                    ready.countDown();
                    ready.await();
                    return call.call();
                }));
            }
            for (Future<?> result : results) {
                result.get(20, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** All paths below, the folder's own as an empty one, with what is in the files. */
    private static List<String> everythingIn(Path top) throws IOException {
        List<String> found = new ArrayList<>();
        try (var paths = Files.walk(top)) {
            for (Path path : paths.sorted().toList()) {
                String content = Files.isRegularFile(path) ? "=" + Files.readString(path) : "";
                found.add(top.relativize(path) + content);
            }
        }
        return found;
    }
}
