// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.api;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What a text that is not JSON is answered with. */
class JsonErrorTest {
    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "{\"a\":}", "{\"a\":1", "{} x", "\"\u0001\"", "[1,]", "01", "'a'"})
    void theErrorIsOneLineAndSaysWhere(String text) {
        assertThatThrownBy(() -> Json.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("Not JSON: [^\\n]+ at line: 1, column: \\d+");
    }
}
