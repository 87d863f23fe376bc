// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.console;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class MessageWordsTest {
    @Test
    void aTractAndAnEventAreAMessage() {
        assertThat(message("observe", "observed")).isEqualTo("{\"tract\":\"observe\",\"event\":\"observed\"}");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "day=20260101       | 20260101",
                "n=1.0              | 1.0",
                "n=12345678901234567890 | 12345678901234567890",
                "ok=true            | true",
                "none=null          | null",
                "list=[1,\"a\"]     | [1,\"a\"]",
                "o={\"a\":{}}       | {\"a\":{}}",
                "n=\"5\"            | \"5\"",
                "n=NaN              | NaN",
                "name=five          | \"five\"",
                "time=120000_300    | \"120000_300\"",
                "n=007              | \"007\"",
                "text=a b           | \"a b\"",
                "text=[not json     | \"[not json\"",
                "formula=a=b        | \"a=b\"",
                "empty=             | \"\"",
                "name=True          | \"True\""
            })
    void aValueIsJsonWhereItCanBeReadAsSuchElseAString(String word, String value) {
        String key = word.substring(0, word.indexOf('='));

        assertThat(message("a", "b", word))
                .isEqualTo("{\"tract\":\"a\",\"event\":\"b\",\"" + key + "\":" + value + "}");
    }

    @Test
    void aJsonObjectIsAMessage() {
        assertThat(message(" {\"tract\": \"a\",\n \"event\": \"b\", \"n\": [1, 2]} "))
                .isEqualTo("{\"tract\":\"a\",\"event\":\"b\",\"n\":[1,2]}");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "observe              | 'observe' alone is no message: give a tract and an event, or a JSON object with both",
                "[1]                  | '[1]' alone is no message: give a tract and an event, or a JSON object with both",
                "{\"event\":\"b\"}    | Not a message: 'tract' is missing",
                "{\"tract\":1,\"event\":\"b\"} | Not a message: 'tract' is not a string",
                "{\"tract\":\"a\",\"event\":null} | Not a message: 'event' is not a string",
            })
    void anythingElseAloneIsRefused(String word, String error) {
        assertThatThrownBy(() -> message(word))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(error);
    }

    @Test
    void brokenJsonIsRefusedWithItsPlace() {
        assertThatThrownBy(() -> message("{\"tract\":}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("Not JSON: ");
    }

    @Test
    void aWordThatIsNoFieldIsRefused() {
        assertThatThrownBy(() -> message("a", "b", "c")).hasMessage("'c' is not a field: write key=value");
        assertThatThrownBy(() -> message("a", "b", "=c")).hasMessage("'=c' is not a field: write key=value");
        assertThatThrownBy(() -> message("a", "b", "\u001b[2J")).hasMessageStartingWith("'\\u001b[2J' is not");
    }

    @Test
    void aFieldThatIsGivenTwiceIsRefused() {
        assertThatThrownBy(() -> message("a", "b", "n=1", "n=2")).hasMessage("Field 'n' is given twice");
        assertThatThrownBy(() -> message("a", "b", "tract=c")).hasMessageStartingWith("Field 'tract' is given twice");
    }

    private static String message(String... words) {
        return MessageWords.message(List.of(words)).toJson();
    }
}
