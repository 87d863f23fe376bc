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

    @Test
    void severalLinesASecondMayBeAllowed() {
        LogPause three = new LogPause(3);

        assertThat(three.isOver(START)).isTrue();
        assertThat(three.isOver(START)).isTrue();
        assertThat(three.isOver(START + SECOND - 1)).isTrue();
        assertThat(three.isOver(START + SECOND - 1)).isFalse();
        assertThat(three.isOver(START + SECOND)).isTrue();
        assertThat(three.suppressed(" of all")).isEqualTo(" (and 1 more of all before)");
        assertThat(three.keyValues("left_out_of_all")).hasToString(" [left_out_of_all=1]");
    }

    @Test
    void aLineThatTwoHaveToLetThroughIsCountedByEachThatDoesNot() {
        LogPause ofAll = new LogPause(1);
        LogPause another = new LogPause();
        assertThat(another.isOver(START, ofAll)).isTrue();
        assertThat(another.isOver(START + 1, ofAll)).as("its own pause").isFalse();
        assertThat(pause.isOver(START + 1, ofAll)).as("that of all").isFalse();

        assertThat(pause.isOver(START + SECOND, ofAll)).isTrue();
        assertThat(pause.suppressed()).isEqualTo(" (and 1 more before)");
        assertThat(ofAll.suppressed())
                .as("without what another's own pause left out")
                .isEqualTo(" (and 1 more before)");
        assertThat(another.isOver(START + SECOND, ofAll)).isFalse();
        assertThat(another.isOver(START + 2 * SECOND, ofAll)).isTrue();
        assertThat(another.suppressed()).isEqualTo(" (and 2 more before)");
    }
}
