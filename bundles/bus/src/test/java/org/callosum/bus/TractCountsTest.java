// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;

import org.callosum.transport.ConnectionStatus.Tract;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TractCountsTest {
    private final TractCounts counts = new TractCounts();

    @Test
    void whoHasSentNothingHasNone() {
        assertThat(counts.list()).isEmpty();
    }

    @Test
    void aFewTractsAreCountedExactlyTheMostFrequentFirst() {
        for (int i = 0; i < 10; i++) {
            counts.count("logs");
            counts.count(new String("observe")); // not from the cache: another object each time
            counts.count("logs");
        }
        counts.count("think");

        assertThat(counts.list())
                .containsExactly(new Tract("logs", 20), new Tract("observe", 10), new Tract("think", 1));
    }

    @Test
    void aTractThatTakesThePlaceOfAnotherDoesNotTakeItsFrames() {
        for (int i = 0; i < TractCounts.PLACES; i++) {
            for (int n = 0; n < 10 + i; n++) {
                counts.count("t" + i);
            }
        }
        counts.count("new");

        assertThat(counts.list())
                .hasSize(TractCounts.PLACES)
                .contains(new Tract("new", 1), new Tract("t7", 17), new Tract("t1", 11))
                .extracting(Tract::name)
                .doesNotContain("t0"); // the rarest
    }

    @Test
    void amongAnyNumberOfNamesEveryTractOfMoreThanAnEighthIsThereAndNoneWithMoreThanItSent() {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            TractCounts counted = new TractCounts();
            Map<String, Long> truth = new HashMap<>();
            int frames = 5_000;
            for (int i = 0; i < frames; i++) {
                // Two frequent ones among names that hardly ever come twice.
                int dice = random.nextInt(10);
                String tract = dice < 3 ? "often" : dice < 5 ? "frequent" : "noise" + random.nextInt(100_000);
                counted.count(tract);
                truth.merge(tract, 1L, Long::sum);
            }
            assertThat(counted.list())
                    .as("seed %d", seed)
                    .hasSize(TractCounts.PLACES)
                    .allSatisfy(tract -> assertThat(tract.frames()).isBetween(1L, truth.get(tract.name())));
            assertThat(counted.list())
                    .as("seed %d", seed)
                    .extracting(Tract::name)
                    .startsWith("often", "frequent");
        }
    }
}
