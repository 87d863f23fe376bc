// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.callosum.itests.wire.JsonText.Literal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.assertj.core.api.Assertions.assertThat;

/** Everything that a field may hold, sent, and compared value by value with what arrives. Row 'everything else'. */
@Timeout(300)
@ExtendWith(WireBus.Resolver.class)
class FieldsZooIT {
    private static final String[] SCALARS = {
        "null",
        "true",
        "false",
        "NaN",
        "Infinity",
        "-Infinity",
        "0",
        "-0",
        "1",
        "-1",
        "1.0",
        "1.50",
        "-0.0",
        "0.1",
        "1e400",
        "1E400",
        "1e+400",
        "-1e-400",
        "1.0E-0",
        "0e0",
        "1e999999999999",
        "12345678901234567890",
        "-12345678901234567890",
        "9007199254740993",
        "18446744073709551616",
        "3.14159265358979323846264338327950288419716939937510",
        "\"\"",
        "\"a\"",
        "\" \"",
        "\"1\"",
        "\"null\"",
        "\"{}\"",
        "\"*\"",
        "[]",
        "{}",
        "[[]]",
        "[{}]",
        "{\"\":{}}"
    };

    private Room room;

    @BeforeEach
    void enter(WireBus bus) throws Exception {
        room = new Room(bus.socket());
    }

    @AfterEach
    void leave() throws Exception {
        room.close();
    }

    @Test
    void everyTypeArrives() throws Exception {
        List<String> members = new ArrayList<>();
        for (int i = 0; i < SCALARS.length; i++) {
            members.add("\"f" + i + "\":" + SCALARS[i]);
        }

        assertArrive(List.of(
                String.join(",", members),
                "\"array\":[" + String.join(",", SCALARS) + "]",
                "\"object\":{\"o\":{" + String.join(",", members) + "}}"));
    }

    @Test
    void numbersOf400DigitsArriveDigitByDigit() throws Exception {
        String digits = "1234567890".repeat(40);
        List<String> numbers = new ArrayList<>();
        for (String sign : List.of("", "-")) {
            numbers.add(sign + digits);
            numbers.add(sign + "0." + digits);
            numbers.add(sign + digits + "." + digits);
            numbers.add(sign + digits + "e" + digits);
            numbers.add(sign + digits + "." + digits + "E-" + digits);
            numbers.add(sign + "1" + "0".repeat(399));
            numbers.add(sign + "0." + "0".repeat(399) + "1");
            numbers.add(sign + "1." + "0".repeat(399));
        }

        assertArrive(numbers.stream().map(number -> "\"n\":" + number).toList());
    }

    @Test
    void everyEscapeKeepsItsMeaning() throws Exception {
        List<String> members = new ArrayList<>();
        for (String escape : List.of("\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t")) {
            members.add(stringAndName(escape));
            members.add(stringAndName("a" + escape + "b"));
        }
        for (int c = 0; c <= 0xffff; c += c < 0x200 ? 1 : 0xf1) {
            members.add(stringAndName(String.format("\\u%04x\\u%04X", c, c)));
        }
        members.add(stringAndName("\\ud83d\\ude00"));
        members.add(stringAndName("\\uD800")); // half a pair, alone
        members.add(stringAndName("a\\udfffb"));
        members.add(stringAndName("\\ude00\\ud83d")); // the wrong way round

        assertArrive(members);
    }

    @Test
    void everyCharacterOfEveryUtf8LengthArrives() throws Exception {
        List<String> members = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (int c = 0x20; c <= Character.MAX_CODE_POINT; c++) {
            if (c != '"' && c != '\\' && !(c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
                text.appendCodePoint(c);
            }
            if ((c & 0x3fff) == 0x3fff) {
                members.add("\"text\":\"" + text + "\"");
                text.setLength(0);
            }
        }
        for (int c : new int[] {0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfeff, 0xffff, 0x10000, 0x10ffff}) {
            members.add(stringAndName(Character.toString(c)));
        }

        assertArrive(members);
    }

    @Test
    void namesKeepTheirOrder() throws Exception {
        StringBuilder backwards = new StringBuilder();
        for (int i = 1_000; i > 0; i--) {
            backwards.append("\"k").append(i * 7919 % 1_000).append("\":{\"b\":1,\"a\":2,\"\":3},");
        }
        assertArrive(List.of(backwards.append("\"z\":0").toString()));
    }

    @Test
    void whatIsNestedDeepArrives() throws Exception {
        int depth = 500;
        assertArrive(List.of(
                "\"a\":" + "[".repeat(depth) + "]".repeat(depth),
                "\"o\":" + "{\"o\":".repeat(depth) + "1" + "}".repeat(depth)));
    }

    @Test
    void longStringsArrive() throws Exception {
        assertArrive(List.of(
                "\"x\":\"" + "x".repeat(1 << 20) + "\"",
                "\"x\":\"" + "é€😀\\n".repeat(1 << 16) + "\"",
                "\"" + "n".repeat(1 << 16) + "\":1"));
    }

    @Test
    void whatChanceMakesArrives() throws Exception {
        Random random = new Random(20260101);
        List<String> members = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            members.add("\"r\":" + value(random, 5));
        }

        assertArrive(members);
    }

    private static String stringAndName(String text) {
        return "\"" + text + "\":\"" + text + "\"";
    }

    private String value(Random random, int depth) {
        int kind = random.nextInt(depth > 0 ? 6 : 4);
        if (kind < 2) {
            return SCALARS[random.nextInt(SCALARS.length)];
        }
        if (kind == 2) {
            StringBuilder number = new StringBuilder(random.nextBoolean() ? "-" : "").append(1 + random.nextInt(9));
            random.ints(random.nextInt(40), 0, 10).forEach(number::append);
            return number.append(random.nextBoolean() ? ".0" + random.nextInt(1_000) : "")
                    .append(random.nextInt(3) == 0 ? "e-" + random.nextInt(1_000) : "")
                    .toString();
        }
        if (kind == 3) {
            StringBuilder text = new StringBuilder("\"");
            for (int i = random.nextInt(20); i > 0; i--) {
                int c = random.nextInt(random.nextBoolean() ? 0x80 : 0x11000);
                boolean isToBeEscaped = c < ' ' || c == '"' || c == '\\' || c >= 0xd800 && c < 0xe000;
                text.append(isToBeEscaped ? String.format("\\u%04x", c) : Character.toString(c));
            }
            return text.append('"').toString();
        }
        StringBuilder text = new StringBuilder(kind == 4 ? "[" : "{");
        for (int i = random.nextInt(6); i > 0; i--) {
            text.append(kind == 4 ? "" : "\"k" + i + "\" : ")
                    .append(value(random, depth - 1))
                    .append(i > 1 ? " , " : "");
        }
        return text.append(kind == 4 ? "]" : "}").toString();
    }

    /** Sends a frame for each of these and compares. */
    private void assertArrive(List<String> members) throws Exception {
        StringBuilder frames = new StringBuilder();
        for (String each : members) {
            frames.append(room.frame(each)).append('\n');
        }

        List<String> lines = room.exchange(frames.toString());

        assertThat(lines).hasSameSizeAs(members);
        for (int i = 0; i < lines.size(); i++) {
            Map<String, Object> sent = JsonText.object(room.frame(members.get(i)));
            Map<String, Object> came = JsonText.object(lines.get(i));
            assertThat(came.remove("ts")).as("its time stamp").isInstanceOf(Literal.class);
            assertThat(came).isEqualTo(sent);
            assertThat(JsonText.names(came)).as("names in their order").isEqualTo(JsonText.names(sent));
        }
    }
}
