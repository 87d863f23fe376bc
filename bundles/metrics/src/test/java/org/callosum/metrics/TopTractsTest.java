// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import java.util.List;
import java.util.Map;

import org.callosum.core.TractStatus;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TopTractsTest {
    private final TopTracts top = new TopTracts(2);

    @Test
    void theMostFrequentHaveTheirOwnLabel() {
        assertThat(top.of(List.of(tract("a", 9), tract("b", 5), tract("c", 4)), 20))
                .isEqualTo(Map.of("a", 9L, "b", 5L, "other", 6L));
    }

    @Test
    void noCounterEverShrinksWhenAnotherTractBecomesMoreFrequent() {
        top.of(List.of(tract("a", 9), tract("b", 5), tract("c", 4)), 18);

        assertThat(top.of(List.of(tract("c", 90), tract("a", 9), tract("b", 5)), 104))
                .isEqualTo(Map.of("a", 9L, "b", 5L, "other", 90L));
    }

    @Test
    void whoeverComesWhileThereIsAPlaceHasIt() {
        top.of(List.of(tract("a", 9)), 9);

        assertThat(top.of(List.of(tract("a", 9), tract("b", 5)), 14)).isEqualTo(Map.of("a", 9L, "b", 5L, "other", 0L));
    }

    @Test
    void aTractCalledOtherIsOneOfTheOthers() {
        assertThat(top.of(List.of(tract("other", 9), tract("b", 5)), 20)).isEqualTo(Map.of("b", 5L, "other", 15L));
    }

    @Test
    void whatCameWhileItWasReadMakesNothingNegative() {
        assertThat(top.of(List.of(tract("a", 9)), 8)).isEqualTo(Map.of("a", 9L, "other", 0L));
    }

    @Test
    void morePlacesAreTakenAtOnce() {
        top.resize(3);

        assertThat(top.of(List.of(tract("a", 9), tract("b", 5), tract("c", 4)), 18))
                .containsKey("c");
    }

    private static TractStatus tract(String name, long received) {
        return new TractStatus(name, received);
    }
}
