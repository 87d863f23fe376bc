// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.spill;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import org.callosum.api.Message;
import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SpillFolderTest {
    private static final long ALL = Long.MAX_VALUE;

    @TempDir
    private Path temp;

    private final RecordingLogger log = new RecordingLogger();
    private final List<SpillFolder> opened = new ArrayList<>();
    private int lost;

    @AfterEach
    void close() {
        opened.forEach(SpillFolder::close);
    }

    @Test
    void eventsComeBackInTheirOrderToTheLetter() throws Exception {
        var spill = open();
        spill.append(events(0, 3));
        spill.append(events(3, 5));

        List<Spilled> read = spill.read(ALL);

        assertThat(numbers(read)).containsExactly(0L, 1L, 2L, 3L, 4L);
        assertThat(read.get(4).message().toJson()).isEqualTo(event(4).message().toJson());
        assertThat(read.get(4).message().tract()).isEqualTo("a");
        assertThat(read.get(4).sinceMillis()).isEqualTo(1_004);
        assertThat(read).noneMatch(event -> event.message().isRedelivered());
        assertThat(spill.read(ALL)).isEmpty();
    }

    @Test
    void eventsAreReadInPiecesAcrossFiles() throws Exception {
        var spill = open(1); // each append fills a segment
        for (int i = 0; i < 30; i += 3) {
            spill.append(events(i, i + 3));
        }
        assertThat(spill.count()).isEqualTo(30);
        List<Long> seen = new ArrayList<>();
        for (List<Spilled> read = spill.read(1); !read.isEmpty(); read = spill.read(1)) {
            seen.addAll(numbers(read));
            assertThat(spill.count()).isEqualTo(30 - seen.size());
        }

        assertThat(seen)
                .containsExactlyElementsOf(LongStream.range(0, 30).boxed().toList());
    }

    @Test
    void aLongEventIsKept() throws Exception {
        var spill = open();
        var text = "{\"tract\":\"a\",\"event\":\"b\",\"pad\":\"" + "x".repeat(16 << 20) + "\"}";
        spill.append(List.of(new Spilled(Message.parse(text), 5), event(1)));

        assertThat(spill.read(1).get(0).message().toJson()).isEqualTo(text);
        assertThat(numbers(spill.read(1))).containsExactly(1L);
    }

    @Test
    void nothingIsOnTheDiskBeforeTheFirstAndBehindTheLast() throws Exception {
        var spill = open();
        assertThat(folder()).doesNotExist();
        spill.append(events(0, 2));
        assertThat(spill.bytes()).isPositive();
        spill.done(spill.read(ALL).get(1).position());
        spill.trim();

        assertThat(folder()).doesNotExist();
        assertThat(spill.bytes()).isZero();
        spill.append(events(2, 3));
        assertThat(numbers(spill.read(ALL))).containsExactly(2L);
    }

    @Test
    void nobodyElseMayReadTheFiles() throws Exception {
        var spill = open();
        spill.append(events(0, 2));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder())))
                .isEqualTo("rwx------");
        try (Stream<Path> files = Files.list(folder())) {
            assertThat(files.toList()).hasSize(2).allSatisfy(file -> assertThat(
                            PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------"));
        }
    }

    @Test
    void aSegmentThatIsDoneIsDeleted() throws Exception {
        var spill = open(1);
        spill.append(events(0, 3));
        spill.append(events(3, 6));
        List<Spilled> read = spill.read(ALL);
        spill.underWay(read.get(2).position());
        spill.trim();
        assertThat(segments()).hasSize(2);
        spill.done(read.get(2).position());
        spill.trim();

        assertThat(segments()).hasSize(1);
        assertThat(numbers(spill.read(ALL))).containsExactly(3L, 4L, 5L);
    }

    @Test
    void whatWasNotDoneIsReadFirstAfterTheNextStartAndWhatWasUnderWayIsMarked() throws Exception {
        var spill = open(1);
        spill.append(events(0, 4));
        spill.append(events(4, 8));
        spill.underWay(spill.read(ALL).get(2).position());
        abandon(spill);

        var next = open();
        assertThat(next.count()).isEqualTo(6);
        assertThat(next.oldestMillis()).hasValue(1_002);
        next.append(events(8, 10));
        List<Spilled> read = readAll(next);

        assertThat(numbers(read)).containsExactly(2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
        assertThat(read)
                .filteredOn(event -> event.message().isRedelivered())
                .singleElement()
                .satisfies(event -> assertThat(number(event)).isEqualTo(2));
    }

    @Test
    void whatWasDoneAtTheStopComesNeverAgainAndNothingIsMarked() throws Exception {
        var spill = open();
        spill.append(events(0, 4));
        spill.done(spill.read(ALL).get(1).position());
        spill.close();

        List<Spilled> read = readAll(open());
        assertThat(numbers(read)).containsExactly(2L, 3L);
        assertThat(read).noneMatch(event -> event.message().isRedelivered());
    }

    @Test
    void whatIsPrependedComesFirstAfterTheNextStart() throws Exception {
        var spill = open(1);
        spill.append(events(10, 14));
        spill.append(events(14, 18));
        spill.done(spill.read(ALL).get(1).position());
        spill.prepend(events(3, 8));
        spill.append(events(18, 20));
        spill.close();

        var next = open();
        assertThat(next.count()).isEqualTo(5 + 6 + 2);
        List<Spilled> first = next.read(1);
        assertThat(numbers(first)).containsExactly(3L);
        next.done(first.get(0).position());
        next.prepend(events(0, 3));
        next.close();

        assertThat(numbers(readAll(open())))
                .containsExactly(0L, 1L, 2L, 4L, 5L, 6L, 7L, 12L, 13L, 14L, 15L, 16L, 17L, 18L, 19L);
    }

    @Test
    void aBrokenFileIsSetAsideAndTheRestGoesOn() throws Exception {
        var spill = open(1);
        spill.append(events(0, 2));
        spill.append(events(2, 4));
        spill.append(events(4, 6));
        abandon(spill);
        Files.write(segments().get(1), new byte[10_000]);

        var next = open();

        assertThat(numbers(readAll(next))).containsExactly(0L, 1L, 4L, 5L);
        assertThat(lost).isEqualTo(1);
        assertThat(log.texts("warn"))
                .singleElement()
                .asString()
                .contains("cannot be read")
                .contains(".broken")
                .contains(" [file=/", " kept_as=/", " reason=");
        assertThat(Files.list(folder()).filter(file -> file.toString().endsWith(".broken")))
                .hasSize(1);
        next.close();
        open();
        assertThat(log.texts("warn")).as("said once").hasSize(1);
    }

    @Test
    void anEventThatIsDamagedIsNotHandedOnAndThoseBeforeItAre() throws Exception {
        var spill = open(1);
        spill.append(events(0, 3));
        spill.append(events(3, 6));
        abandon(spill);
        replace(segments().get(0), "\"n\":1,", "\"n\":7,");

        assertThat(numbers(readAll(open()))).containsExactly(0L, 3L, 4L, 5L);
        assertThat(lost).isEqualTo(1);
    }

    /** Where a file was cut off nobody knows what was in it: not even that it was all written. */
    @Test
    void aFileThatWasCutOffLosesNoEventOfAnother() throws Exception {
        var spill = open(1);
        spill.append(events(0, 200));
        spill.append(events(200, 202));
        abandon(spill);
        Path file = segments().get(0);
        try (var cut = new RandomAccessFile(file.toFile(), "rw")) {
            cut.setLength(cut.length() / 2);
        }

        assertThat(numbers(readAll(open()))).endsWith(200L, 201L);
    }

    @Test
    void withoutItsProgressAllIsReadAndAllIsMarked() throws Exception {
        var spill = open();
        spill.append(events(0, 3));
        spill.underWay(spill.read(ALL).get(1).position());
        abandon(spill);
        Files.write(folder().resolve(Progress.NAME), new byte[3]);

        List<Spilled> read = readAll(open());

        assertThat(numbers(read)).containsExactly(0L, 1L, 2L);
        assertThat(read).allMatch(event -> event.message().isRedelivered());
        assertThat(log.texts("warn"))
                .singleElement()
                .asString()
                .contains("does not say how far")
                .endsWith(" spilled_events=3]");
    }

    @Test
    void aFolderThatAnotherOneUsesIsLeftAlone() throws Exception {
        var spill = open();
        spill.append(events(0, 3));

        var other = new SpillFolder(folder(), SpillFolder.SEGMENT_BYTES, log.logger());
        assertThatThrownBy(() -> other.open((from, to) -> lost++))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is used by another process");

        assertThat(numbers(spill.read(ALL))).containsExactly(0L, 1L, 2L);
        assertThat(lost).isZero();
    }

    @Test
    void aPlaceThatCannotBeMadeIsAFailureAndCanBeLater() throws Exception {
        Files.createDirectories(folder().getParent());
        Files.createFile(folder());
        var spill = open();
        assertThatThrownBy(() -> spill.append(events(0, 3))).isInstanceOf(IOException.class);
        assertThat(spill.count()).isZero();
        Files.delete(folder());
        spill.append(events(0, 3));

        assertThat(numbers(spill.read(ALL))).containsExactly(0L, 1L, 2L);
    }

    @Test
    void whatCannotBeWrittenIsNotThereAndWhatWasThereStillIs() throws Exception {
        var spill = open(1);
        spill.append(events(0, 3));
        Path next = folder().resolve(segments().get(0).getFileName().toString().replace("4.events", "7.events"));
        Files.createDirectory(next);
        Files.createFile(next.resolve("in the way"));
        assertThatThrownBy(() -> spill.append(events(3, 6))).isInstanceOf(IOException.class);
        assertThat(spill.count()).isEqualTo(3);
        Files.delete(next.resolve("in the way"));
        Files.delete(next);
        spill.append(events(3, 6));

        assertThat(numbers(readAll(spill))).containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
    }

    private Path folder() {
        return temp.resolve("journal/spill");
    }

    private List<Path> segments() throws IOException {
        try (Stream<Path> files = Files.list(folder())) {
            return files.filter(Segment::isSegment).sorted().toList();
        }
    }

    private SpillFolder open() throws IOException {
        return open(SpillFolder.SEGMENT_BYTES);
    }

    private SpillFolder open(long segmentBytes) throws IOException {
        var parent = Files.createDirectories(temp.resolve("journal"));
        var spill = new SpillFolder(parent.resolve("spill"), segmentBytes, log.logger());
        spill.open((from, to) -> {
            assertThat(from).isBeforeOrEqualTo(to);
            lost++;
        });
        opened.add(spill);
        return spill;
    }

    /** As after the end of its process, as far as one process can do that to itself: its files are closed as they are. */
    private void abandon(SpillFolder spill) {
        opened.remove(spill);
        spill.close();
    }

    private static List<Spilled> readAll(SpillFolder spill) {
        List<Spilled> all = new ArrayList<>();
        for (List<Spilled> read = spill.read(500); !read.isEmpty(); read = spill.read(500)) {
            all.addAll(read);
        }
        return all;
    }

    private static List<Spilled> events(int from, int to) {
        return LongStream.range(from, to).mapToObj(SpillFolderTest::event).toList();
    }

    private static Spilled event(long n) {
        return new Spilled(Message.parse("{\"tract\":\"a\",\"event\":\"b\",\"n\":" + n + ",\"x\":1.0}"), 1_000 + n);
    }

    private static List<Long> numbers(List<Spilled> events) {
        return events.stream().map(SpillFolderTest::number).toList();
    }

    private static long number(Spilled event) {
        return event.message().longNumber("n").orElseThrow();
    }

    private static void replace(Path file, String before, String after) throws IOException {
        var latin = StandardCharsets.ISO_8859_1;
        String content = Files.readString(file, latin);
        assertThat(content).contains(before);
        Files.writeString(file, content.replace(before, after), latin);
    }
}
