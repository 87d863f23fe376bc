// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LogPauseTest {
    private static final long START = -5; // the clock's zero means nothing, and it may be negative
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final LogPause pause = new LogPause();

    @Test
    void theFirstLineIsLoggedAtOnce() {
        assertThat(pause.isOver(START)).isTrue();
        assertThat(pause.suppressed()).isEmpty();
    }

    @Test
    void linesWithinASecondAreCountedAndTheNumberIsGivenWithTheNextOne() {
        pause.isOver(START);
        assertThat(pause.isOver(START + 1)).isFalse();
        assertThat(pause.isOver(START + SECOND - 1)).isFalse();
        assertThat(pause.isOver(START + SECOND)).isTrue();
        assertThat(pause.suppressed()).isEqualTo(" (and 2 more before)");
        assertThat(pause.keyValues()).hasToString(" [left_out=2]");
        assertThat(pause.isOver(START + 2 * SECOND)).isTrue();
        assertThat(pause.suppressed()).isEmpty();
        assertThat(pause.keyValues()).hasToString("");
    }
}
