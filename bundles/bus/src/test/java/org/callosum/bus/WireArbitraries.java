// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** What may come over the wire: JSON text in all its spellings, frames, and what is nearly one. */
final class WireArbitraries {
    private WireArbitraries() {}

    /** A JSON value as text, with white space, escapes and numbers as only a machine writes them. */
    static Arbitrary<String> values() {
        Arbitrary<String> leaves = Arbitraries.oneOf(
                strings(),
                numbers(),
                Arbitraries.of("true", "false", "null", "NaN", "Infinity", "-Infinity", "{}", "[]", "{ }", "[\t]"));
        return Arbitraries.recursive(() -> leaves, WireArbitraries::nested, 0, 3);
    }

    /** The text of a frame: one with a tract and an event. */
    static Arbitrary<String> frames() {
        return Combinators.combine(
                        strings(),
                        strings(),
                        members(values()),
                        Arbitraries.integers().between(0, 2))
                .as((tract, event, others, place) -> switch (place) {
                    case 0 -> "{\"x\":0" + others + ",\"tract\":" + tract + ",\"event\":" + event + "}";
                    case 1 ->
                        "{ \"x\" : 0" + others + " ,\t\"event\" : " + event + " , \"tr\\u0061ct\":" + tract + "\r}";
                    default ->
                        "{\"tract\":1,\"event\":\"x\"" + others + ",\"tract\":" + tract + ",\"event\":" + event + "}";
                });
    }

    /** A line that is a frame, or was one before some bytes of it were changed, or never was. Has no line break. */
    static Arbitrary<byte[]> lines() {
        Arbitrary<byte[]> frames = frames().map(frame -> frame.getBytes(StandardCharsets.UTF_8));
        return Arbitraries.oneOf(
                frames,
                Combinators.combine(frames, mutations().list().ofMinSize(1).ofMaxSize(4))
                        .as(WireArbitraries::mutated),
                values().map(value -> value.getBytes(StandardCharsets.UTF_8)),
                Arbitraries.bytes().filter(b -> b != '\n').array(byte[].class).ofMaxSize(20),
                Arbitraries.of("", " ", "\r", "{}{}", "SCLP", "{\"tract\":\"a\",\"event\":\"b\",\"x\":INF}")
                        .map(line -> line.getBytes(StandardCharsets.UTF_8)));
    }

    private static Arbitrary<String> nested(Arbitrary<String> value) {
        return Arbitraries.oneOf(
                value.list().ofMaxSize(3).map(list -> "[" + String.join(" ,", list) + "]"),
                members(value).map(members -> "{\"\":0" + members + "}"));
    }

    private static Arbitrary<String> members(Arbitrary<String> value) {
        Arbitrary<String> names = Arbitraries.oneOf(
                strings(), Arbitraries.of("\"ts\"", "\"tract\"", "\"event\"", "\"\"", "\"\\u0074s\""));
        // Before the frame's own two they are overruled, so any name will do.
        return Combinators.combine(names, value)
                .as((name, member) -> "," + name + ":" + member)
                .list()
                .ofMaxSize(3)
                .map(members -> String.join("", members));
    }

    private static Arbitrary<String> strings() {
        Arbitrary<String> pieces = Arbitraries.of(
                "a",
                "observe",
                "é",
                "€",
                "😀",
                "\u007f",
                "\u0085",
                "\ufeff",
                "\u2028",
                "\\u0000",
                "\\ud800",
                "\\uD83D\\uDE00",
                "\\\"",
                "\\\\",
                "\\/",
                "\\n",
                "*",
                " ",
                "{",
                "}",
                ",",
                "#",
                "'");
        return pieces.list().ofMaxSize(5).map(list -> "\"" + String.join("", list) + "\"");
    }

    private static Arbitrary<String> numbers() {
        return Arbitraries.of(
                "0",
                "-0",
                "1.0",
                "1e400",
                "-1E-400",
                "12345678901234567890",
                "0.1",
                "1e+5",
                "1e999999999999",
                "-0.0e-0");
    }

    private static byte[] mutated(byte[] frame, List<Mutation> mutations) {
        byte[] bytes = frame;
        for (Mutation mutation : mutations) {
            bytes = mutation.applyTo(bytes);
        }
        return bytes;
    }

    private static Arbitrary<Mutation> mutations() {
        Arbitrary<Byte> bytes = Arbitraries.oneOf(
                Arbitraries.bytes(),
                Arbitraries.of(
                        (byte) '"', (byte) '{', (byte) '}', (byte) ',', (byte) '0', (byte) ' ', (byte) 0, (byte) 0xc0));
        return Combinators.combine(
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.integers().between(0, 1 << 20),
                        bytes)
                .as(Mutation::new);
    }

    private record Mutation(int kind, int place, byte value) {
        byte[] applyTo(byte[] bytes) {
            int at = place % (bytes.length + 1);
            byte[] head = Arrays.copyOf(bytes, at);
            byte[] tail = Arrays.copyOfRange(bytes, at, bytes.length);
            byte safe = value == '\n' ? (byte) '\r' : value;
            return switch (kind) {
                case 0 -> joined(head, new byte[] {safe}, tail); // inserted
                case 1 -> tail.length == 0 ? bytes : joined(head, new byte[] {safe}, rest(tail)); // replaced
                default -> tail.length == 0 ? bytes : joined(head, new byte[0], rest(tail)); // deleted
            };
        }

        private static byte[] rest(byte[] tail) {
            return Arrays.copyOfRange(tail, 1, tail.length);
        }

        private static byte[] joined(byte[] a, byte[] b, byte[] c) {
            byte[] all = Arrays.copyOf(a, a.length + b.length + c.length);
            System.arraycopy(b, 0, all, a.length, b.length);
            System.arraycopy(c, 0, all, a.length + b.length, c.length);
            return all;
        }
    }
}
