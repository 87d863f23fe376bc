// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class FrameLogTest {
    private final BusMemory memory = new BusMemory(
            List.of(), () -> ServerSettings.DEFAULT, new ServerCounters(), new RecordingLogger().logger());
    private final FrameLog log = new FrameLog(memory, () -> 0);

    @Test
    void everyCursorGetsWhatWasAddedSinceItWasMade() {
        FrameLog.Cursor early = log.cursorAtEnd();
        append("one");
        FrameLog.Cursor late = log.cursorAtEnd();
        append("two");

        assertThat(readAll(early, 3)).isEqualTo("one\ntwo\n");
        assertThat(readAll(late, 100)).isEqualTo("two\n");
        assertThat(early.pending()).isZero();
        assertThat(readAll(early, 1)).isEmpty();
    }

    @Test
    void framesOfAllLengthsGoThroughManyChunks() {
        FrameLog.Cursor cursor = log.cursorAtEnd();
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 400; i++) {
            String frame =
                    Integer.toString(i % 10).repeat(1 + i * 37 % 3_000 + (i % 100 == 99 ? FrameLog.CHUNK_BYTES : 0));
            append(frame);
            expected.append(frame).append('\n');
        }
        assertThat(log.frames()).isEqualTo(400);
        assertThat(log.end()).isEqualTo(expected.length());
        assertThat(cursor.pending()).isEqualTo(expected.length());

        assertThat(readAll(cursor, 10_007)).isEqualTo(expected.toString());
        assertThat(cursor.frame()).isEqualTo(400);
        assertThat(cursor.position()).isEqualTo(log.end());
    }

    @Test
    void aCursorKnowsTheFrameItStandsIn() {
        FrameLog.Cursor cursor = log.cursorAtEnd();
        append("one");
        append("two");
        assertThat(cursor.restOfFrame()).isEmpty();

        cursor.slice();
        cursor.advance(2);
        assertThat(cursor.restOfFrame()).isEqualTo("e\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(cursor.frame()).isZero();

        cursor.advance(1);
        assertThat(cursor.restOfFrame()).isEqualTo("\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(cursor.frame()).isZero();

        cursor.advance(1);
        assertThat(cursor.restOfFrame()).isEmpty();
        assertThat(cursor.frame()).isEqualTo(1);
    }

    @Test
    void whatEachCursorHasPassedIsUsedAgainAndNothingElse() {
        List<FrameLog.Cursor> cursors = new ArrayList<>();
        List<StringBuilder> expected = new ArrayList<>();
        Random random = new Random(7);
        for (int i = 0; i < 5; i++) {
            cursors.add(log.cursorAtEnd());
            expected.add(new StringBuilder());
        }
        for (int round = 0; round < 600; round++) {
            String frame = Integer.toString(round).repeat(1 + random.nextInt(5_000));
            append(frame);
            expected.forEach(each -> each.append(frame).append('\n'));
            int one = random.nextInt(cursors.size());
            if (random.nextInt(3) > 0) {
                assertThat(readAll(cursors.get(one), 100_000))
                        .isEqualTo(expected.get(one).toString());
                expected.get(one).setLength(0);
            }
            if (random.nextInt(20) == 0) { // one leaves in the middle, another comes
                cursors.get(one).close();
                cursors.set(one, log.cursorAtEnd());
                expected.get(one).setLength(0);
            }
        }
    }

    @Test
    void whatIsKeptWithoutACursorIsThereForOneThatComesLater() {
        long historyBytes = 3 * FrameLog.CHUNK_BYTES;
        FrameLog keeping = new FrameLog(memory, () -> historyBytes);
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            String frame = Integer.toString(i).repeat(1 + i % 50);
            keeping.append(ByteBuffer.wrap(frame.getBytes(StandardCharsets.US_ASCII)));
            all.append(frame).append('\n');
        }

        FrameLog.Cursor cursor = keeping.cursorAtOldest();

        long frames = cursor.frame();
        long bytes = cursor.pending();
        assertThat(bytes).isBetween(historyBytes - FrameLog.CHUNK_BYTES, historyBytes + FrameLog.CHUNK_BYTES);
        assertThat(readAll(cursor, 10_007)).isEqualTo(all.substring((int) (all.length() - bytes)));
        assertThat(all.substring(0, (int) (all.length() - bytes)).lines().count())
                .isEqualTo(frames);
        assertThat(cursor.frame()).isEqualTo(20_000);
    }

    @Test
    void nothingIsKeptForLaterWhereNothingIsToBe() {
        append("x".repeat(FrameLog.CHUNK_BYTES / 2));
        append("y".repeat(FrameLog.CHUNK_BYTES));

        assertThat(log.cursorAtOldest().frame()).isEqualTo(1); // the chunk that is filled just now is there anyway
    }

    @Test
    void aSlowCursorKeepsNothingForOneThatComesLater() {
        FrameLog keeping = new FrameLog(memory, () -> FrameLog.CHUNK_BYTES);
        FrameLog.Cursor slow = keeping.cursorAtEnd();
        for (int i = 0; i < 100; i++) {
            keeping.append(ByteBuffer.wrap(new byte[FrameLog.CHUNK_BYTES / 4]));
        }

        assertThat(keeping.cursorAtOldest().pending()).isLessThanOrEqualTo(2 * FrameLog.CHUNK_BYTES);
        assertThat(slow.pending()).isEqualTo(keeping.end());
    }

    @Test
    void aFrameThatIsLongerThanAllThatIsKeptGoesWithTheNextChunk() {
        FrameLog keeping = new FrameLog(memory, () -> 2 * FrameLog.CHUNK_BYTES);
        keeping.append(ByteBuffer.wrap(new byte[5 * FrameLog.CHUNK_BYTES]));
        assertThat(keeping.cursorAtOldest().frame()).isZero();

        keeping.append(ByteBuffer.wrap(new byte[10]));

        FrameLog.Cursor cursor = keeping.cursorAtOldest();
        assertThat(cursor.frame()).isEqualTo(1);
        assertThat(cursor.pending()).isEqualTo(11);
    }

    @Test
    void aFrameForWhichThereIsNoMemoryTakesNone(@TempDir Path folder) throws IOException {
        append("one");
        long before = memory.bytes();
        Path sparse = folder.resolve("sparse");
        try (FileChannel file = FileChannel.open(
                sparse, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.READ)) {
            ByteBuffer longerThanAnyArray = file.map(FileChannel.MapMode.READ_WRITE, 0, Integer.MAX_VALUE - 1);

            assertThatThrownBy(() -> log.append(longerThanAnyArray)).isInstanceOf(OutOfMemoryError.class);
        }

        assertThat(memory.bytes()).isEqualTo(before);
        append("two");
        assertThat(log.frames()).isEqualTo(2);
    }

    private void append(String frame) {
        byte[] bytes = ("<" + frame + ">").getBytes(StandardCharsets.US_ASCII);
        if (frame.length() % 2 == 0) {
            log.append(bytes, 1, bytes.length - 1);
        } else {
            log.append(ByteBuffer.wrap(bytes, 1, bytes.length - 2));
        }
    }

    /** Reads all there is, so many bytes at a time. */
    private static String readAll(FrameLog.Cursor cursor, int atATime) {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        for (ByteBuffer slice = cursor.slice(); slice.hasRemaining(); slice = cursor.slice()) {
            int count = Math.min(atATime, slice.remaining());
            byte[] bytes = new byte[count];
            slice.get(bytes);
            read.writeBytes(bytes);
            cursor.advance(count);
        }
        return read.toString(StandardCharsets.US_ASCII);
    }
}
