// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class ExcerptTest {
    @Test
    void plainTextIsQuoted() {
        assertThat(Excerpt.of("observe é😀")).isEqualTo("'observe é😀'");
        assertThat(Excerpt.of("")).isEqualTo("''");
    }

    @ParameterizedTest
    @CsvSource({
        "10, \\u000a",
        "13, \\u000d",
        "27, \\u001b",
        "0, \\u0000",
        "133, \\u0085",
        "8232, \\u2028",
        "8233, \\u2029",
        "8238, \\u202e",
        "65279, \\ufeff",
        "55296, \\ud800"
    })
    void whatCouldBreakOrForgeALineIsEscaped(int character, String escape) {
        assertThat(Excerpt.of("a" + (char) character + "b")).isEqualTo("'a" + escape + "b'");
    }

    @Test
    void longTextIsShortenedBetweenCharacters() {
        assertThat(Excerpt.of("x".repeat(100))).isEqualTo("'" + "x".repeat(100) + "'");
        assertThat(Excerpt.of("x".repeat(101))).isEqualTo("'" + "x".repeat(99) + "…'");
        assertThat(Excerpt.of("😀".repeat(101))).isEqualTo("'" + "😀".repeat(49) + "…'");
    }

    @Test
    void whatAClientSentHasNoQuoteInItThatCouldBeTakenForItsEnd() {
        byte[] frame = "{\"text\":\"it's Anna's\"}".getBytes(StandardCharsets.UTF_8);

        assertThat(Excerpt.of(frame, 0, frame.length)).isEqualTo("'{\"text\":\"it\\u0027s Anna\\u0027s\"}'");
        assertThat(Excerpt.ofSent("it's")).isEqualTo("'it\\u0027s'");
    }

    @Test
    void bytesAreReadAsFarAsTheyAreUtf8() {
        byte[] bytes = "xé\u0000x".getBytes(StandardCharsets.ISO_8859_1);
        assertThat(Excerpt.of(bytes, 1, 3)).isEqualTo("'\ufffd\\u0000'");
        byte[] many = "😀".repeat(1_000_000).getBytes(StandardCharsets.UTF_8);
        assertThat(Excerpt.of(many, 0, many.length)).isEqualTo("'" + "😀".repeat(49) + "…'");
    }
}
