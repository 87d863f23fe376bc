// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.api;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class PrintableTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "naïve Ärger 日本語", "emoji 😀", "a\\u0041 \"quoted\""})
    void textThatNeedsNoEscapeStaysAsItIs(String text) {
        assertThat(Printable.of(text, 100)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                0, '\t', '\n', '\r', 0x1b, 0x7f, 0x85, 0xad, 0x200b, 0x200e, 0x2028, 0x2029, 0x202e, 0x2066, 0x2069,
                0xfeff, 0xd800, 0xdfff
            })
    void whatBreaksTheLineOrHidesInItIsEscaped(int c) {
        assertThat(Printable.of("a" + (char) c + "b", 100)).isEqualTo(String.format("a\\u%04xb", c));
    }

    @Test
    void aFormatCharacterBeyondTheBasicPlaneIsEscapedAsAPair() {
        assertThat(Printable.of(new String(Character.toChars(0xe0001)), 100)).isEqualTo("\\udb40\\udc01");
    }

    @ParameterizedTest
    @CsvSource({"3,abc", "4,abc", "2,a…", "1,…"})
    void longTextIsCut(int maxLength, String expected) {
        assertThat(Printable.of("abc", maxLength)).isEqualTo(expected);
    }

    @Test
    void theCutIsNeverWithinAnEscape() {
        assertThat(Printable.of("a\nb", 8)).isEqualTo("a\\u000ab");
        assertThat(Printable.of("a\nbc", 8)).isEqualTo("a\\u000a…");
        assertThat(Printable.of("a\nb", 7)).isEqualTo("a…");
        assertThat(Printable.of("a\n", 6)).isEqualTo("a…");
    }

    @Test
    void theCutIsNeverWithinAPair() {
        assertThat(Printable.of("a😀b", 3)).isEqualTo("a…");
        assertThat(Printable.of("a😀", 2)).isEqualTo("a…");
    }

    @Test
    void noResultIsLongerThanAllowed() {
        String text = "a\n😀\u202eb".repeat(20);
        for (int maxLength = 1; maxLength < 300; maxLength++) {
            assertThat(Printable.of(text, maxLength).length()).isLessThanOrEqualTo(maxLength);
        }
    }

    @Test
    void whatIsWrittenInAnyScriptStays() {
        String text = "Grüße, 世界, שלום, نمی\u200cخواهم, 👩\u200d🚀, a\u00a0b";

        assertThat(Printable.of(text)).isEqualTo(text);
    }

    @Test
    void escapedJsonIsTheSameJson() {
        String json = "{\"a\":\"x\u009b31m\u202e\u2028\udb40\udc41\"}";

        assertThat(Json.parse(Printable.of(json))).isEqualTo(Json.parse(json));
    }

    @Test
    void lineBreaksStayWhereLinesAreWanted() {
        assertThat(Printable.lines("{\n  \"a\": \"\u009b\"\r\n}")).isEqualTo("{\n  \"a\": \"\\u009b\"\\u000d\n}");
    }

    @Test
    void aQuotedTextIsShort() {
        assertThat(Printable.quoted("a\nb")).isEqualTo("'a\\u000ab'");
        assertThat(Printable.quoted("x".repeat(1_000_000))).hasSize(102).endsWith("…'");
    }
}
