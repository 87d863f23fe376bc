// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.time.Duration;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DurationWordTest {
    private final DurationWord words = new DurationWord();

    @ParameterizedTest
    @CsvSource({"10, PT10S", "1.5, PT1.5S", "500ms, PT0.5S", "10s, PT10S", "5m, PT5M", "5min, PT5M", "1h, PT1H"})
    void aTimeIsInSecondsOrHasAUnit(String word, Duration time) {
        assertThat(words.convert(word)).isEqualTo(time);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "soon", "5 min", "1d", "9000h", "99999999999999999999"})
    void whatIsNoneIsRefusedWithAnExample(String word) {
        assertThatThrownBy(() -> words.convert(word))
                .isInstanceOf(TypeConversionException.class)
                .hasMessage("'" + word + "' is no time above 0: write seconds, or 500ms, 10s, 5m, 1h");
    }
}
