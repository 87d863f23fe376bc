// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.console;

import org.callosum.api.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class PrintableTest {
    @ParameterizedTest
    @CsvSource({
        "001b, escape",
        "0007, bell",
        "000a, line break",
        "007f, delete",
        "009b, C1: control sequence introducer",
        "202e, right-to-left override",
        "2066, left-to-right isolate",
        "200f, right-to-left mark",
        "2028, line separator",
        "2029, paragraph separator",
        "feff, byte order mark",
        "d800, half a surrogate pair"
    })
    void whatCouldDeceiveIsEscaped(String hex, String name) {
        String text = "a" + (char) Integer.parseInt(hex, 16) + "b";

        assertThat(Printable.line(text)).as(name).isEqualTo("a\\u" + hex + "b");
    }

    @Test
    void whatIsWrittenInAnyScriptStays() {
        String text = "Grüße, 世界, שלום, نمی\u200cخواهم, 👩\u200d🚀, a\u00a0b";

        assertThat(Printable.line(text)).isEqualTo(text);
    }

    @Test
    void aCharacterOutsideTheBasicPlaneIsEscapedAsJsonDoes() {
        assertThat(Printable.line("\udb40\udc41")).isEqualTo("\\udb40\\udc41");
    }

    @Test
    void escapedJsonIsTheSameJson() {
        String json = "{\"a\":\"x\u009b31m\u202e\u2028\udb40\udc41\"}";

        assertThat(Json.parse(Printable.line(json))).isEqualTo(Json.parse(json));
    }

    @Test
    void lineBreaksStayWhereLinesAreWanted() {
        assertThat(Printable.lines("{\n  \"a\": \"\u009b\"\r\n}")).isEqualTo("{\n  \"a\": \"\\u009b\"\\u000d\n}");
    }

    @Test
    void whatIsTooLongEndsInAnEllipsis() {
        assertThat(Printable.line("12345", 5)).isEqualTo("12345");
        assertThat(Printable.line("123456", 5)).isEqualTo("12345…");
        assertThat(Printable.line("𝄞𝄞𝄞", 2)).as("pairs are not cut").isEqualTo("𝄞𝄞…");
    }
}
