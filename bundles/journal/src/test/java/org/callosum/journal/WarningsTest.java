// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.journal;

import java.util.concurrent.atomic.AtomicLong;

import org.callosum.api.KeyValues;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class WarningsTest {
    private static final String FULL =
            "WARN More warnings of this kind are counted, not logged, for up to 60 s [period_s=60]";

    private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 5); // a monotonic clock may wrap
    private final RecordingLogger log = new RecordingLogger();
    private final Warnings warnings = new Warnings(log.logger(), nanoTime::get);

    @Test
    void aFewAreLoggedAsTheyCome() {
        warnings.warn("one");
        warnings.warn("two");

        assertThat(log.lines()).containsExactly("WARN one", "WARN two");
    }

    @Test
    void aFloodIsCutOffAndSaysSo() {
        warn(1_000);

        assertThat(log.lines()).hasSize(Warnings.BURST + 1).endsWith("WARN nr 10", FULL);
    }

    @Test
    void whatWasLeftOutIsToldWithTheNextOneAfterThePeriod() {
        warn(1_000);
        nanoTime.addAndGet(Warnings.PERIOD.toNanos() - 1);
        warnings.warn("still too early");
        nanoTime.addAndGet(1);
        warnings.warn("late");

        assertThat(log.lines())
                .hasSize(Warnings.BURST + 3)
                .endsWith(FULL, "WARN 991 more warnings like the next were left out [left_out=991]", "WARN late");
    }

    @Test
    void aPeriodInWhichNothingWasLeftOutEndsQuietly() {
        warnings.warn("one");
        nanoTime.addAndGet(Warnings.PERIOD.toNanos());
        warnings.warn("two");

        assertThat(log.lines()).containsExactly("WARN one", "WARN two");
    }

    @Test
    void aLineIsEscapedAndCut() {
        warnings.warn("a\nb" + "c".repeat(100_000));

        assertThat(log.lines()).singleElement().satisfies(line -> assertThat(line)
                .startsWith("WARN a\\u000abccc")
                .endsWith("…")
                .hasSizeLessThan(1_010));
    }

    @Test
    void theValuesStandBehindTheLineHoweverLongThatIs() {
        warnings.warn(
                "a" + "b".repeat(100_000), KeyValues.of("segment", "{} of day").and("day", "20260101"));

        assertThat(log.lines())
                .singleElement()
                .asString()
                .endsWith("bbb… [segment=\"{} of day\" day=20260101]")
                .hasSizeLessThan(1_100);
    }

    private void warn(int times) {
        for (int i = 1; i <= times; i++) {
            warnings.warn("nr " + i);
        }
    }
}
