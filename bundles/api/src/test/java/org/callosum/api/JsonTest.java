// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.api;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class JsonTest {
    static Stream<Arguments> values() {
        return Stream.of(
                Arguments.of("\"a\\u0041\\n\"", "aA\n"),
                Arguments.of("7", 7L),
                Arguments.of("-0", 0L),
                Arguments.of("9223372036854775807", Long.MAX_VALUE),
                Arguments.of("9223372036854775808", new BigInteger("9223372036854775808")),
                Arguments.of("12345678901234567890", new BigInteger("12345678901234567890")),
                Arguments.of("1.0", 1.0),
                Arguments.of("0.1", 0.1),
                Arguments.of("1e22", 1e22),
                Arguments.of("1e400", new BigDecimal("1e400")),
                Arguments.of("3.14159265358979323846", new BigDecimal("3.14159265358979323846")),
                Arguments.of("1e99999999999", Double.POSITIVE_INFINITY),
                Arguments.of("NaN", Double.NaN),
                Arguments.of("Infinity", Double.POSITIVE_INFINITY),
                Arguments.of("-Infinity", Double.NEGATIVE_INFINITY),
                Arguments.of("true", true),
                Arguments.of("null", null),
                Arguments.of("[1, \"a\", null]", Arrays.asList(1L, "a", null)),
                Arguments.of("{\"\": {}}", Map.of("", Map.of())),
                Arguments.of(" {\"a\": 1, \"a\": 2}\r", Map.of("a", 2L)),
                Arguments.of("\"\\ud800\"", "\ud800"));
    }

    @ParameterizedTest
    @MethodSource("values")
    void aValueHasItsTypeInJava(String json, Object value) {
        assertThat(Json.parse(json)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "{}{}",
                "{} x",
                "[1,]",
                "{\"a\":1,}",
                "{a:1}",
                "\"\\ud00\u0166\"", // whose low byte is an 'f'
                "\"\\u\u0130\u0130\u0130\u0130\"",
                "'a'",
                "01",
                "+1",
                ".5",
                "1.",
                "INF",
                "-INF",
                "+Infinity",
                "nul",
                "\"\\x\"",
                "\"a\nb\"",
                "// a\n1",
                "\ufeff1"
            })
    void whatIsNotJsonIsRefused(String text) {
        assertThatThrownBy(() -> Json.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("Not JSON: ");
    }

    @Test
    void anErrorIsOneLine() {
        assertThatThrownBy(() -> Json.parse("{\n\"a\": nonsense\n}"))
                .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
    }

    @Test
    void nestingIsBounded() {
        assertThat(Json.parse("[".repeat(1_000) + "]".repeat(1_000))).isInstanceOf(List.class);
        assertThatThrownBy(() -> Json.parse("[".repeat(1_001) + "]".repeat(1_001)))
                .isInstanceOf(IllegalArgumentException.class);
        List<Object> deep = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            deep = new ArrayList<>(List.of(deep));
        }
        List<Object> tooDeep = deep;
        assertThatThrownBy(() -> Json.write(tooDeep))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Value is nested deeper than 1000 levels");
    }

    @Test
    void keysKeepTheirOrderAndOfTwoEqualOnesTheLastCounts() {
        assertThat(Json.parseObject("{\"b\":1,\"a\":2,\"b\":3}"))
                .containsExactly(Map.entry("a", 2L), Map.entry("b", 3L));
    }

    @Test
    void whatIsReadIsImmutable() {
        Map<String, Object> object = Json.parseObject("{\"list\":[1]}");

        assertThatThrownBy(() -> object.put("a", 1)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> ((List<?>) object.get("list")).clear())
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void aLongNumberIsReadInReasonableTime() {
        String digits = "7".repeat(200_000);

        assertThat(Json.parse(digits)).isInstanceOf(BigInteger.class);
    }

    static Stream<Arguments> written() {
        return Stream.of(
                Arguments.of((byte) 1, "1"),
                Arguments.of((short) 1, "1"),
                Arguments.of(1, "1"),
                Arguments.of(1.0, "1.0"),
                Arguments.of(0.1f, "0.1"),
                Arguments.of(Double.NaN, "NaN"),
                Arguments.of(Double.NEGATIVE_INFINITY, "-Infinity"),
                Arguments.of(new BigInteger("7"), "7"),
                Arguments.of(new BigDecimal("1e400"), "1E+400"),
                Arguments.of('c', "\"c\""),
                Arguments.of(new StringBuilder("text"), "\"text\""),
                Arguments.of(Thread.State.NEW, "\"NEW\""),
                Arguments.of(new int[] {1, 2}, "[1,2]"),
                Arguments.of(new long[] {1, 2}, "[1,2]"),
                Arguments.of(new double[] {1, 2}, "[1.0,2.0]"),
                Arguments.of(new String[] {"a", null}, "[\"a\",null]"),
                Arguments.of("\u0001\"\\/\u2028é€", "\"\\u0001\\\"\\\\/\u2028é€\""),
                Arguments.of("a\ud800b", "\"a\\ud800b\""),
                Arguments.of("\udc00\ud83d\ude00\ud83d", "\"\\udc00\ud83d\ude00\\ud83d\""));
    }

    @ParameterizedTest
    @MethodSource("written")
    void aValueHasItsTextInJson(Object value, String json) {
        assertThat(Json.write(value)).isEqualTo(json);
    }

    @Test
    void indentedTextHasALineForEachFieldAndElement() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("a", List.of(1, 2));
        object.put("empty", Map.of());
        object.put("none", List.of());

        assertThat(Json.write(object, 2))
                .isEqualTo("{\n  \"a\": [\n    1,\n    2\n  ],\n  \"empty\": {},\n  \"none\": []\n}");
    }

    @Test
    void whatJsonHasNoFormForIsRefusedByNameAndType() {
        assertThatThrownBy(() -> Json.write(Map.of("when", new java.util.Date(0))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "Field 'when' is a java.util.Date: JSON takes strings, numbers, booleans, null, lists, arrays"
                                + " and maps; convert it first");
        assertThatThrownBy(() -> Json.write(Map.of("a", Map.of(1, 2))))
                .hasMessage("A key of a is a java.lang.Integer: JSON keys are strings");
        assertThatThrownBy(() -> Json.write(Collections.singletonMap(null, 2)))
                .hasMessage("A key of value is null: JSON keys are strings");
        assertThatThrownBy(() -> Json.write(1, 17)).hasMessage("Indent 17 is out of range: 0 to 16 spaces");
    }

    @Property
    void whatIsWrittenIsReadBackEqual(@ForAll("anything") Object value) {
        Object normal = Json.normalize(value, "value", 0);

        assertThat(Json.parse(Json.write(value))).isEqualTo(normal);
        assertThat(Json.parse(Json.write(value, 2))).isEqualTo(normal);
        assertThat(Json.write(value)).doesNotContain("\n");
    }

    @Provide
    Arbitrary<Object> anything() {
        return nested(3);
    }

    private static Arbitrary<Object> nested(int depth) {
        Arbitrary<Object> leaf = Arbitraries.oneOf(
                Arbitraries.strings().ofMaxLength(10).map(text -> (Object) text),
                Arbitraries.longs().map(number -> (Object) number),
                Arbitraries.doubles().map(number -> (Object) number),
                Arbitraries.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY),
                Arbitraries.bigIntegers().map(number -> (Object) number),
                Arbitraries.of(true, false),
                Arbitraries.just(null));
        if (depth == 0) {
            return leaf;
        }
        Arbitrary<Object> inner = nested(depth - 1);
        return Arbitraries.oneOf(
                leaf,
                inner.list().ofMaxSize(3).map(list -> (Object) list),
                Arbitraries.maps(Arbitraries.strings().ofMaxLength(5), inner)
                        .ofMaxSize(3)
                        .map(map -> (Object) map));
    }
}
