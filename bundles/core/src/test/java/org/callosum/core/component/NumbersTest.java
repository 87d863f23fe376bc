// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.component;

import java.util.Map;

import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class NumbersTest {
    private final RecordingLogger log = new RecordingLogger();

    @Test
    void aNumberIsTakenAsTextOrAsANumber() {
        assertThat(read("7")).isEqualTo(7);
        assertThat(read(" 7 ")).isEqualTo(7);
        assertThat(read(7)).isEqualTo(7);
        assertThat(log.texts("warn")).isEmpty();
    }

    @Test
    void whatIsNotThereIsTheDefaultInSilence() {
        assertThat(new Numbers(Map.of(), log.logger()).get("workers", 4, 1, 256))
                .isEqualTo(4);
        assertThat(log.texts("warn")).isEmpty();
    }

    @Test
    void whatIsNoNumberIsTheDefaultWithAWarning() {
        assertThat(read("many")).isEqualTo(4);
        assertThat(log.texts("warn"))
                .containsExactly("Setting 'workers' of org.callosum.core is 'many', which is no whole number:"
                        + " give a number from 1 to 256; 4 is used"
                        + " [configuration=org.callosum.core setting=workers value=many used=4]");
    }

    @Test
    void aWarningIsOneLineWhateverTheSettingIs() {
        assertThat(read("1\nERROR 2" + "x".repeat(1_000))).isEqualTo(4);
        assertThat(log.texts("warn"))
                .singleElement()
                .asString()
                .contains("is '1\\u000aERROR 2xxx")
                .doesNotContain("\n")
                .hasSizeLessThan(530);
    }

    @Test
    void whatIsOutOfRangeIsTheNearestWithAWarning() {
        assertThat(read("0")).isEqualTo(1);
        assertThat(read("1000")).isEqualTo(256);
        assertThat(log.texts("warn"))
                .containsExactly(
                        "Setting 'workers' of org.callosum.core is '0', which is out of range:"
                                + " give a number from 1 to 256; 1 is used"
                                + " [configuration=org.callosum.core setting=workers value=0 used=1]",
                        "Setting 'workers' of org.callosum.core is '1000', which is out of range:"
                                + " give a number from 1 to 256; 256 is used"
                                + " [configuration=org.callosum.core setting=workers value=1000 used=256]");
    }

    private long read(Object value) {
        return new Numbers(Map.of("workers", value), log.logger()).get("workers", 4, 1, 256);
    }
}
