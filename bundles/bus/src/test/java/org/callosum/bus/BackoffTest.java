// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.time.Duration;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class BackoffTest {
    private static final Duration FIRST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(5);

    @Test
    void theTimeDoublesUpToTheLongest() {
        Backoff backoff = new Backoff(() -> 1);
        assertThat(Stream.generate(() -> backoff.next(FIRST, LONGEST).toMillis())
                        .limit(8))
                .containsExactly(100L, 200L, 400L, 800L, 1_600L, 3_200L, 5_000L, 5_000L);
    }

    @Test
    void upToHalfOfItIsLeftToChance() {
        assertThat(new Backoff(() -> 0).next(FIRST, LONGEST)).hasMillis(50);
        assertThat(new Backoff(() -> 0.5).next(FIRST, LONGEST)).hasMillis(75);
    }

    @Test
    void itBeginsAgainWhenTold() {
        Backoff backoff = new Backoff(() -> 1);
        backoff.next(FIRST, LONGEST);
        backoff.next(FIRST, LONGEST);
        backoff.reset();
        assertThat(backoff.next(FIRST, LONGEST)).hasMillis(100);
    }
}
