// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.apps.observer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class RecordTextTest {
    @ParameterizedTest
    @CsvSource({
        "0, 1",
        "-1, 0",
        "41, 42",
        "1.0, 2.0",
        "0.5, 1.5",
        "9223372036854775807, 9223372036854775808",
        "12345678901234567890, 12345678901234567891",
        "null, 1"
    })
    void aCountKeepsItsType(String before, String after) {
        assertThat(RecordText.withOneMore("{\"stats\":{\"n\":" + before + "}}", "n"))
                .isEqualTo("{\n  \"stats\": {\n    \"n\": " + after + "\n  }\n}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"1\"", "true", "{}", "[1]", "NaN", "Infinity", "1e400", "1e999999999"})
    void whatIsNoNumberToAddToIsRefused(String count) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RecordText.withOneMore("{\"stats\":{\"n\":" + count + "}}", "n"))
                .withMessage("'stats.n' in its record is no number that one can be added to");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"stats\":null}", "{\"stats\":[]}", "{\"stats\":3}"})
    void statsAreAnObject(String record) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RecordText.withOneMore(record, "n"))
                .withMessage("'stats' is missing from its record, or no object");
    }

    @Test
    void escapesStayEscapesAndPlainCharactersStayPlain() {
        assertThat(RecordText.withOneMore("{\"a\":\"\\u00fc\\ud83d\\ude00\\ud800\",\"stats\":{}}", "n"))
                .contains("\"a\": \"\\u00fc\\ud83d\\ude00\\ud800\"");
        assertThat(RecordText.withOneMore("{\"a\":\"ü😀\",\"stats\":{}}", "n")).contains("\"a\": \"ü😀\"");
    }

    @Test
    void otherNumbersKeepTheirValueAndTheirTextWhereJavaHasItToo() {
        String others = "1.0, 12345678901234567890, 0.1, -0.0, 1e400, NaN, -Infinity";

        String text = RecordText.withOneMore("{\"others\":[" + others + "],\"stats\":{}}", "n");

        assertThat(text.replaceAll("\\s+", " ")).contains("[ " + others.replace("1e400", "1E+400") + " ]");
    }
}
