// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.bridge;

import org.callosum.core.TractStatus;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TractsTest {
    private final Tracts tracts = new Tracts();

    @Test
    void eachTractIsCountedAndTheMostFrequentIsFirst() {
        for (String tract : new String[] {"a", "b", "b", "c", "b", "a"}) {
            tracts.count(tract);
        }

        assertThat(tracts.list())
                .containsExactly(new TractStatus("b", 3), new TractStatus("a", 2), new TractStatus("c", 1));
    }

    @Test
    void theEmptyTractIsOneLikeAnyOther() {
        tracts.count("");

        assertThat(tracts.list()).containsExactly(new TractStatus("", 1));
    }

    @Test
    void howeverManyThereAreThoseKeptAreBoundedAndGoOnToCount() {
        for (int i = 0; i <= Tracts.MAX; i++) {
            tracts.count("t" + i);
        }
        tracts.count("t0");

        assertThat(tracts.list())
                .hasSize(Tracts.MAX)
                .startsWith(new TractStatus("t0", 2))
                .noneMatch(each -> each.tract().equals("t" + Tracts.MAX));
    }

    @Test
    void aNameThatIsTooLongIsKeptByNobody() {
        tracts.count("x".repeat(Tracts.MAX_NAME + 1));
        tracts.count("x".repeat(Tracts.MAX_NAME));

        assertThat(tracts.list()).containsExactly(new TractStatus("x".repeat(Tracts.MAX_NAME), 1));
    }
}
