// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.callosum.bus.FrameScanner.Verdict;

import static org.assertj.core.api.Assertions.assertThat;

/** The scanner takes what a JSON library takes, refuses what that refuses, and finds the same in it. */
class FrameScannerReferenceTest {
    private static final String[] NAMES = {"tract", "event", "ts", "x", "", "tracts", "é", "event\u0000"};
    private static final String[] TEXTS = {
        "",
        "a",
        "tract",
        "é€😀",
        "\u0000\u001f\"\\/\b\f\n\r\t",
        "\ud800",
        "x".repeat(70),
        "0123456789abcdef",
        "\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff"
    };
    private static final String[] SCALARS = {
        "0",
        "-0",
        "1",
        "-12",
        "1.0",
        "0.5",
        "1e400",
        "1E+2",
        "-1.5e-3",
        "123456789012345678901234567890",
        "true",
        "false",
        "null",
        "NaN",
        "Infinity",
        "-Infinity"
    };

    /** What lies near the edges of the grammar. */
    private static final byte[] BYTES = concat(
            "\"\\{}[]:, \t\r\n0123456789.eE+-truefalsnNaIityu/bx\u0000\u001f\u007f'"
                    .getBytes(StandardCharsets.US_ASCII),
            new byte[] {(byte) 0x80, (byte) 0xbf, (byte) 0xc0, (byte) 0xc2, (byte) 0xdf, (byte) 0xe0, (byte) 0xed},
            new byte[] {(byte) 0xef, (byte) 0xbb, (byte) 0xf0, (byte) 0xf4, (byte) 0xf5, (byte) 0xff});

    private static final String[] PIECES = {
        "\"tract\":",
        "\"event\":\"b\"",
        "-Infinity",
        "-NaN",
        "+Infinity",
        "INF",
        "\\u0041",
        "\\ud83d\\ude00",
        "NaN",
        "1e",
        "{}",
        "[]",
        ",,",
        "01",
        "\"\"",
        "//",
        "/**/",
        "\ufeff",
        "\u00a0",
        "\\\"",
        "\\x",
        "truex",
        "-I",
        ".5",
        "1.",
        "0x1"
    };

    private final FrameScanner scanner = new FrameScanner();
    private final JacksonScanner reference = new JacksonScanner();

    @Property(tries = 4_000)
    void whatIsWellFormedIsReadAlike(@ForAll Random random) {
        check(bytes(object(random, 3)), random);
    }

    @Property(tries = 20_000)
    void whatIsBrokenSomewhereIsJudgedAlike(@ForAll Random random) {
        byte[] line = bytes(object(random, 2));
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            line = broken(line, random);
        }
        check(line, random);
    }

    @Property(tries = 4_000)
    void anyBytesAreJudgedAlike(@ForAll Random random) {
        byte[] line = new byte[random.nextInt(30)];
        for (int i = 0; i < line.length; i++) {
            line[i] = BYTES[random.nextInt(BYTES.length)];
        }
        check(concat(bytes("{\"tract\":\"a\",\"event\":\"b\",\"x\":"), line, bytes("}")), random);
        check(concat(bytes("{"), line), random);
    }

    /** In the middle of others, at any offset, so that what is around must not count. */
    private void check(byte[] line, Random random) {
        byte[] before = new byte[random.nextInt(9)];
        byte[] behind = new byte[random.nextInt(9)];
        Arrays.fill(before, (byte) '{');
        Arrays.fill(behind, (byte) '"');
        byte[] all = concat(before, line, behind);

        Verdict expected = reference.scan(all, before.length, before.length + line.length);
        Verdict verdict = scanner.scan(all, before.length, before.length + line.length);

        String text = new String(line, StandardCharsets.UTF_8);
        assertThat(verdict)
                .as(() -> text + ": " + scanner.reason() + "; reference: " + reference.reason())
                .isEqualTo(expected);
        if (expected == Verdict.FRAME) {
            assertThat(scanner.tract()).as(text).isEqualTo(reference.tract());
            assertThat(scanner.event()).as(text).isEqualTo(reference.event());
            assertThat(scanner.hasTs()).as(text).isEqualTo(reference.hasTs());
            assertThat(scanner.start()).isEqualTo(reference.start());
            assertThat(scanner.end()).isEqualTo(reference.end());
        } else if (expected == Verdict.INVALID) {
            assertThat(scanner.reason()).isNotBlank();
        }
    }

    private static byte[] broken(byte[] line, Random random) {
        int at = random.nextInt(line.length + 1);
        int end = Math.min(line.length, at + random.nextInt(4));
        byte[] before = Arrays.copyOf(line, at);
        byte[] behind = Arrays.copyOfRange(line, end, line.length);
        return switch (random.nextInt(5)) {
            case 0 -> concat(before, behind);
            case 1 -> before;
            case 2 -> concat(before, bytes(PIECES[random.nextInt(PIECES.length)]), behind);
            case 3 -> concat(before, Arrays.copyOfRange(line, at, end), Arrays.copyOfRange(line, at, line.length));
            default -> concat(before, new byte[] {BYTES[random.nextInt(BYTES.length)]}, behind);
        };
    }

    private String object(Random random, int depth) {
        StringBuilder text = new StringBuilder("{");
        boolean isFrame = depth >= 2;
        int members = random.nextInt(5) + (isFrame ? 2 : 0);
        for (int i = 0; i < members; i++) {
            text.append(i == 0 ? "" : ",").append(space(random));
            boolean isRequired = isFrame && i < 2 && random.nextInt(20) > 0;
            String name = isRequired ? NAMES[i] : NAMES[random.nextInt(NAMES.length)];
            text.append(string(name, random)).append(space(random)).append(':').append(space(random));
            text.append(isRequired ? string(TEXTS[random.nextInt(TEXTS.length)], random) : value(random, depth));
            text.append(space(random));
        }
        return text.append('}').toString();
    }

    private String value(Random random, int depth) {
        return switch (random.nextInt(depth > 0 ? 5 : 3)) {
            case 0 -> string(TEXTS[random.nextInt(TEXTS.length)], random);
            case 1, 2 -> SCALARS[random.nextInt(SCALARS.length)];
            case 3 -> object(random, depth - 1);
            default -> array(random, depth - 1);
        };
    }

    private String array(Random random, int depth) {
        StringBuilder text = new StringBuilder("[");
        for (int i = random.nextInt(4); i > 0; i--) {
            text.append(space(random))
                    .append(value(random, depth))
                    .append(space(random))
                    .append(i == 1 ? "" : ",");
        }
        return text.append(']').toString();
    }

    /** A string literal: what has to be escaped is, and now and then what need not be. */
    private static String string(String of, Random random) {
        StringBuilder text = new StringBuilder("\"");
        for (char c : of.toCharArray()) {
            boolean isToBe = c < ' ' || c == '"' || c == '\\' || Character.isSurrogate(c) && of.length() == 1;
            if (isToBe && "\"\\".indexOf(c) >= 0 && random.nextBoolean()) {
                text.append('\\').append(c);
            } else if (isToBe && "\b\f\n\r\t".indexOf(c) >= 0 && random.nextBoolean()) {
                text.append('\\').append("bfnrt".charAt("\b\f\n\r\t".indexOf(c)));
            } else if (isToBe || random.nextInt(30) == 0) {
                text.append(String.format(random.nextBoolean() ? "\\u%04x" : "\\u%04X", (int) c));
            } else {
                text.append(c);
            }
        }
        return text.append('"').toString();
    }

    private static String space(Random random) {
        return random.nextInt(4) > 0 ? "" : " \t\r".substring(random.nextInt(3));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] concat(byte[]... parts) {
        byte[] all = new byte[Arrays.stream(parts).mapToInt(part -> part.length).sum()];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
