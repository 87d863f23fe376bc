// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ProcessAgeTest {
    @Test
    void theAgeIsTheTimeFromTheProcesssStartToNow() {
        String stat = "4711 (java) S 1 4711 4711 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 30 0 123456 99 88";
        assertThat(ProcessAge.between(stat, "1235.31 2000.00\n")).isEqualTo(Duration.ofMillis(750));
    }

    @Test
    void aNameWithBlanksAndBracketsShiftsNothing() {
        String stat = "4711 (a) b (c) S 1 4711 4711 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 30 0 100 99 88";
        assertThat(ProcessAge.between(stat, "3.00 2.00")).isEqualTo(Duration.ofSeconds(2));
    }
}
