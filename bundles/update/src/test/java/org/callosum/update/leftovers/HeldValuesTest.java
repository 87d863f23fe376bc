// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.leftovers;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class HeldValuesTest {
    private final OldVersion version = new OldVersion();

    @Test
    void anObjectOfTheVersionIsFoundWhereverTheJdkKeepsIt() throws Exception {
        Object mark = version.make("mark", null, null);

        for (Object value : List.of(
                mark,
                mark.getClass(),
                new Object[] {"a", null, mark},
                List.of("a", mark),
                Map.of("a", mark),
                Map.of(mark, "a"),
                Optional.of(mark),
                new ArrayList<>(List.of(new HashMap<>(Map.of("a", List.of(mark))))))) {
            assertThat(HeldValues.find(value, version)).as("%s", value).contains(mark.getClass());
        }
        assertThat(HeldValues.find(version, version)).contains(OldVersion.class);
    }

    @Test
    void whatIsNotTheVersionsIsNotFound() throws Exception {
        Object otherMark = new OldVersion().make("mark", null, null);

        for (Object value : List.of("a", otherMark, List.of(otherMark), new int[] {1}, Optional.empty(), getClass())) {
            assertThat(HeldValues.find(value, version)).as("%s", value).isEmpty();
        }
        assertThat(HeldValues.find(null, version)).isEmpty();
    }

    @Test
    void aCollectionThatHoldsItselfIsLookedAtOnlySoFar() {
        List<Object> loop = new ArrayList<>();
        loop.add(loop);

        assertThat(HeldValues.find(loop, version)).isEmpty();
    }
}
