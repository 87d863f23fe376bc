// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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
        List<byte[]> lines = checkSplitter(stream, reads.length == 0 ? ONE_READ : reads, limit, holds);
        checkScanner(stream, lines);
    }

    private static List<byte[]> checkSplitter(byte[] stream, byte[] reads, int limit, boolean holds) {
        List<byte[]> expected = new ArrayList<>();
        long expectedTooLong = 0;
        for (int from = 0; from < stream.length; ) {
            int end = from;
            while (end < stream.length && stream[end] != '\n') {
                end++;
            }
            if (end - from <= limit) {
                expected.add(Arrays.copyOfRange(stream, from, end));
            } else {
                expectedTooLong++;
            }
            from = end + 1;
        }

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
            require(splitter.heldBytes() <= Math.max(limit, 1 << 16), "It holds " + splitter.heldBytes() + " bytes");
        }
        if (splitter.finish()) {
            lines.add(Arrays.copyOfRange(splitter.array(), splitter.start(), splitter.end()));
        }

        require(
                Arrays.deepEquals(lines.toArray(), expected.toArray()),
                "The splitter gives " + text(lines) + " instead of " + text(expected));
        require(
                splitter.tooLong() == expectedTooLong,
                "The splitter counts " + splitter.tooLong() + " long lines instead of " + expectedTooLong);
        return lines;
    }

    /** One scanner for all lines, as a connection has it; and each line where it lies in the stream, so that what is around must not count. */
    private static void checkScanner(byte[] stream, List<byte[]> lines) {
        FrameScanner scanner = new FrameScanner();
        JacksonScanner reference = new JacksonScanner();
        for (byte[] line : lines) {
            compare(scanner, reference, line, 0, line.length);
        }
        for (int from = 0; from < stream.length; ) {
            int end = from;
            while (end < stream.length && stream[end] != '\n') {
                end++;
            }
            compare(scanner, reference, stream, from, end);
            from = end + 1;
        }
    }

    private static void compare(FrameScanner scanner, JacksonScanner reference, byte[] bytes, int from, int to) {
        Verdict expected = reference.scan(bytes, from, to);
        Verdict verdict = scanner.scan(bytes, from, to);
        String line = text(Arrays.copyOfRange(bytes, from, to));
        require(
                verdict == expected,
                line + " is " + verdict + " (" + scanner.reason() + ") instead of " + expected + " ("
                        + reference.reason() + ")");
        if (verdict == Verdict.INVALID) {
            require(scanner.reason() != null, "There is no reason why " + line + " is invalid");
        }
        if (verdict != Verdict.FRAME) {
            return;
        }
        require(scanner.tract().equals(reference.tract()), line + ": tract '" + scanner.tract() + "'");
        require(scanner.event().equals(reference.event()), line + ": event '" + scanner.event() + "'");
        require(scanner.hasTs() == reference.hasTs(), line + ": 'ts' is there: " + scanner.hasTs());
        require(
                scanner.start() == reference.start() && scanner.end() == reference.end(),
                line + " from " + scanner.start() + " to " + scanner.end());
        if (!scanner.hasTs()) {
            byte[] stamped = new TimeStamps(() -> 1_767_225_600_123L).splice(bytes, scanner.start(), scanner.end());
            require(
                    reference.scan(stamped, 0, stamped.length) == Verdict.FRAME && reference.hasTs(),
                    "With a time stamp it is " + text(stamped));
        }
    }

    private static void require(boolean isSo, String otherwise) {
        if (!isSo) {
            throw new AssertionError(otherwise);
        }
    }

    private static List<String> text(List<byte[]> lines) {
        return lines.stream().map(CodecFuzz::text).toList();
    }

    private static String text(byte[] line) {
        return "'" + new String(line, StandardCharsets.ISO_8859_1) + "'";
    }
}
