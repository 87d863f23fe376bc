// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

import org.callosum.bus.FrameScanner.Verdict;

/**
 * What a fuzzer is let loose on: an input is a stream of the wire and the way that its reads cut it. Splitter and scanner have
 * to say of it what a plainer splitter and a JSON library say.
 *
 * <p>An input's first byte is the limit on a line, its high bit set where nobody has room and what was read has to be held. Then
 * come the lengths of the reads, used over and over, up to the first line break; what is behind it is the stream.
 *
 * <p>Public, because the fuzzer looks for it by reflection.
 */
public final class CodecFuzz {
    private static final int HOLDS = 0x80;
    private static final byte[] ONE_READ = {-1};

    private CodecFuzz() {}

    /** Jazzer's entrance. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        // Up to 24,384 bytes: lines are cut off at the small ones, and whole at the large ones.
        int limit = (input[0] & ~HOLDS & 0xff) * (input[0] & 0x3f) * 3 + 1;
        boolean holds = (input[0] & HOLDS) != 0;
        int streamStart = 1;
        while (streamStart < input.length && input[streamStart] != '\n') {
            streamStart++;
        }
        byte[] reads = Arrays.copyOfRange(input, 1, streamStart);
        byte[] stream = Arrays.copyOfRange(input, Math.min(input.length, streamStart + 1), input.length);
        checkSplitter(stream, reads.length == 0 ? ONE_READ : reads, limit, holds);
        checkScanner(stream);
    }

    private static void checkSplitter(byte[] stream, byte[] reads, int limit, boolean holds) {
        List<byte[]> expected = new ArrayList<>();
        long longLines = 0;
        for (int from = 0; from < stream.length; ) {
            int end = from;
            while (end < stream.length && stream[end] != '\n') {
                end++;
            }
            if (end - from <= limit) {
                expected.add(Arrays.copyOfRange(stream, from, end));
            } else {
                longLines++;
            }
            from = end + 1;
        }

        long expectedTooLong = longLines;
        FrameSplitter splitter = new FrameSplitter(limit);
        List<byte[]> lines = new ArrayList<>();
        byte[] read = new byte[256];
        int next = 0;
        for (int from = 0; from < stream.length; ) {
            int length = Math.min((reads[next++ % reads.length] & 0xff) + 1, stream.length - from);
            System.arraycopy(stream, from, read, 0, length);
            from += length;
            splitter.feed(read, 0, length);
            while (splitter.next()) {
                lines.add(Arrays.copyOfRange(splitter.array(), splitter.start(), splitter.end()));
                if (holds) {
                    splitter.holdRest();
                    Arrays.fill(read, (byte) '\n');
                }
            }
            Arrays.fill(read, (byte) '\n');
            require(
                    splitter.heldBytes() <= Math.max(limit, 1 << 16),
                    () -> "It holds " + splitter.heldBytes() + " bytes");
        }
        if (splitter.finish()) {
            lines.add(Arrays.copyOfRange(splitter.array(), splitter.start(), splitter.end()));
        }

        require(
                Arrays.deepEquals(lines.toArray(), expected.toArray()),
                () -> "The splitter gives " + text(lines) + " instead of " + text(expected));
        require(
                splitter.tooLong() == expectedTooLong,
                () -> "The splitter counts " + splitter.tooLong() + " long lines instead of " + expectedTooLong);
    }

    /**
     * Each line where it lies in the stream, so that what is around must not count; and once more as a value and in a string,
     * where what is invalid in itself is not lost among all that is no frame anyway. One scanner for all, as a connection has it.
     */
    private static void checkScanner(byte[] stream) {
        FrameScanner scanner = new FrameScanner();
        JacksonScanner reference = new JacksonScanner();
        for (int from = 0; from < stream.length; ) {
            int end = from;
            while (end < stream.length && stream[end] != '\n') {
                end++;
            }
            compare(scanner, reference, stream, from, end);
            byte[] value = framed("{\"tract\":\"a\",\"x\":", stream, from, end, ",\"event\":\"b\"}");
            compare(scanner, reference, value, 0, value.length);
            byte[] text = framed("{\"tract\":\"", stream, from, end, "\",\"event\":\"b\"}");
            compare(scanner, reference, text, 0, text.length);
            from = end + 1;
        }
    }

    private static byte[] framed(String before, byte[] stream, int from, int end, String behind) {
        byte[] framed = new byte[before.length() + end - from + behind.length()];
        System.arraycopy(before.getBytes(StandardCharsets.US_ASCII), 0, framed, 0, before.length());
        System.arraycopy(stream, from, framed, before.length(), end - from);
        System.arraycopy(
                behind.getBytes(StandardCharsets.US_ASCII),
                0,
                framed,
                framed.length - behind.length(),
                behind.length());
        return framed;
    }

    private static void compare(FrameScanner scanner, JacksonScanner reference, byte[] bytes, int from, int to) {
        Verdict expected = reference.scan(bytes, from, to);
        Verdict verdict = scanner.scan(bytes, from, to);
        Supplier<String> line = () -> text(Arrays.copyOfRange(bytes, from, to));
        require(
                verdict == expected,
                () -> line.get() + " is " + verdict + " (" + scanner.reason() + ") instead of " + expected + " ("
                        + reference.reason() + ")");
        if (verdict == Verdict.INVALID) {
            require(scanner.reason() != null, () -> "There is no reason why " + line.get() + " is invalid");
        }
        if (verdict != Verdict.FRAME) {
            return;
        }
        require(scanner.tract().equals(reference.tract()), () -> line.get() + ": tract '" + scanner.tract() + "'");
        require(scanner.event().equals(reference.event()), () -> line.get() + ": event '" + scanner.event() + "'");
        require(scanner.hasTs() == reference.hasTs(), () -> line.get() + ": 'ts' is there: " + scanner.hasTs());
        require(
                scanner.start() == reference.start() && scanner.end() == reference.end(),
                () -> line.get() + " from " + scanner.start() + " to " + scanner.end());
        if (!scanner.hasTs()) {
            byte[] stamped = new TimeStamps(() -> 1_767_225_600_123L).splice(bytes, scanner.start(), scanner.end());
            require(
                    reference.scan(stamped, 0, stamped.length) == Verdict.FRAME && reference.hasTs(),
                    () -> "With a time stamp it is " + text(stamped));
        }
    }

    private static void require(boolean isSo, Supplier<String> otherwise) {
        if (!isSo) {
            throw new AssertionError(otherwise.get());
        }
    }

    private static List<String> text(List<byte[]> lines) {
        return lines.stream().map(CodecFuzz::text).toList();
    }

    private static String text(byte[] line) {
        return "'" + new String(line, StandardCharsets.ISO_8859_1) + "'";
    }
}
