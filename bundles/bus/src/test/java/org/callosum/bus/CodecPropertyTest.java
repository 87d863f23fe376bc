// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.callosum.api.Json;
import org.callosum.bus.FrameScanner.Verdict;

import static org.assertj.core.api.Assertions.assertThat;

class CodecPropertyTest {
    @Provide
    Arbitrary<String> frames() {
        return WireArbitraries.frames();
    }

    @Provide
    Arbitrary<byte[]> lines() {
        return WireArbitraries.lines();
    }

    @Provide
    Arbitrary<List<byte[]>> streams() {
        return WireArbitraries.lines().list().ofMaxSize(12);
    }

    @Provide
    Arbitrary<List<Integer>> cuts() {
        return Arbitraries.integers().between(1, 40).list().ofMinSize(1).ofMaxSize(8);
    }

    @Property(tries = 2_000, edgeCases = EdgeCasesMode.NONE)
    void everyFrameIsOne(@ForAll("frames") String frame) {
        byte[] bytes = frame.getBytes(StandardCharsets.UTF_8);
        Map<String, Object> fields = Json.parseObject(frame);
        FrameScanner scanner = new FrameScanner();

        assertThat(scanner.scan(bytes, 0, bytes.length)).isEqualTo(Verdict.FRAME);

        assertThat(scanner.tract()).isEqualTo(fields.get("tract"));
        assertThat(scanner.event()).isEqualTo(fields.get("event"));
        assertThat(scanner.hasTs()).isEqualTo(fields.containsKey("ts"));
    }

    @Property(tries = 5_000, edgeCases = EdgeCasesMode.NONE)
    void whatALineIsAgreesWithTheReference(@ForAll("lines") byte[] line) {
        FrameScanner scanner = new FrameScanner();
        Optional<Map<String, Object>> expected = ReferenceFrame.fields(line);

        Verdict verdict = scanner.scan(line, 0, line.length);

        if (ReferenceFrame.isBlank(line)) {
            assertThat(verdict).isEqualTo(Verdict.BLANK);
        } else {
            assertThat(verdict).isEqualTo(expected.isPresent() ? Verdict.FRAME : Verdict.INVALID);
        }
        expected.ifPresent(fields -> {
            assertThat(scanner.tract()).isEqualTo(fields.get("tract"));
            assertThat(scanner.event()).isEqualTo(fields.get("event"));
            assertThat(scanner.hasTs()).isEqualTo(fields.containsKey("ts"));
        });
    }

    @Property(tries = 1_000, edgeCases = EdgeCasesMode.NONE)
    void aTimeStampIsAddedAndNothingElseChanged(@ForAll("frames") String frame) {
        byte[] bytes = frame.getBytes(StandardCharsets.UTF_8);
        FrameScanner scanner = new FrameScanner();
        scanner.scan(bytes, 0, bytes.length);

        byte[] stamped = new TimeStamps(() -> 1_767_225_600_123L).splice(bytes, scanner.start(), scanner.end());

        assertThat(new String(stamped, StandardCharsets.UTF_8))
                .isEqualTo(frame.substring(0, frame.length() - 1) + ",\"ts\":1767225600123}");
        assertThat(scanner.scan(stamped, 0, stamped.length)).isEqualTo(Verdict.FRAME);
        assertThat(scanner.hasTs()).isTrue();
    }

    @Property(tries = 2_000, edgeCases = EdgeCasesMode.NONE)
    void linesComeOutAsTheyWentInHoweverTheyAreCut(
            @ForAll("streams") List<byte[]> lines, @ForAll("cuts") List<Integer> cuts, @ForAll boolean isEnded) {
        List<byte[]> expected = isEnded || lines.isEmpty() || lines.get(lines.size() - 1).length > 0
                ? lines
                : lines.subList(0, lines.size() - 1); // an empty last line without a break is no line

        assertThat(split(stream(lines, isEnded), cuts, 1 << 20, 0)).containsExactlyElementsOf(expected);
    }

    @Property(tries = 1_000, edgeCases = EdgeCasesMode.NONE)
    void linesThatAreTooLongAreLeftOutAndCounted(
            @ForAll("streams") List<byte[]> lines, @ForAll("cuts") List<Integer> cuts) {
        int limit = 24;
        List<byte[]> expected =
                lines.stream().filter(line -> line.length <= limit).toList();

        assertThat(split(stream(lines, true), cuts, limit, lines.size() - expected.size()))
                .containsExactlyElementsOf(expected);
    }

    private static byte[] stream(List<byte[]> lines, boolean isEnded) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        for (int i = 0; i < lines.size(); i++) {
            stream.writeBytes(lines.get(i));
            if (isEnded || i < lines.size() - 1) {
                stream.write('\n');
            }
        }
        return stream.toByteArray();
    }

    /** Feeds a stream in reads of these lengths, over and over, each in an array that is used again for the next. */
    private static List<byte[]> split(byte[] stream, List<Integer> cuts, int limit, int tooLong) {
        FrameSplitter splitter = new FrameSplitter(limit);
        List<byte[]> lines = new ArrayList<>();
        byte[] read = new byte[64];
        int cut = 0;
        for (int from = 0; from < stream.length; ) {
            int length = Math.min(cuts.get(cut++ % cuts.size()), stream.length - from);
            System.arraycopy(stream, from, read, 3, length);
            from += length;
            splitter.feed(read, 3, 3 + length);
            while (splitter.next()) {
                lines.add(Arrays.copyOfRange(splitter.array(), splitter.start(), splitter.end()));
                if (lines.size() % 2 == 0) { // as when nobody has room for more
                    splitter.holdRest();
                    Arrays.fill(read, (byte) '!');
                }
            }
            Arrays.fill(read, (byte) '?');
        }
        if (splitter.finish()) {
            lines.add(Arrays.copyOfRange(splitter.array(), splitter.start(), splitter.end()));
        }
        assertThat(splitter.tooLong()).isEqualTo(tooLong);
        return lines;
    }
}
