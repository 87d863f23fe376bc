// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class BacklogAgeTest {
    private final BacklogAge age = new BacklogAge();

    @Test
    void whereNothingWaitsThereIsNoAge() {
        assertThat(age.oldest(5)).isEmpty();
        age.update(0, 100, 100, 5);
        assertThat(age.oldest(10)).isEmpty();
    }

    @Test
    void whatWaitsIsCountedFromWhenItWasLeftBehindNotFromTheLastTimeThatNothingWas() {
        age.update(0, 100, 100, 0);
        age.update(50, 100, 150, 1_000);
        assertThat(age.oldest(1_000)).contains(Duration.ZERO);
        age.update(150, 100, 250, 3_000);
        assertThat(age.oldest(3_500)).contains(Duration.ofNanos(2_500));
    }

    @Test
    void whoReadsOnHasYoungerOnesWaiting() {
        age.update(100, 0, 100, 0);
        age.update(150, 50, 200, 10);
        assertThat(age.oldest(10)).contains(Duration.ofNanos(10));
        age.update(200, 100, 300, 20); // at the first mark: the rest came after 0
        assertThat(age.oldest(20)).contains(Duration.ofNanos(20));
        age.update(100, 300, 400, 30); // at the second: the rest came after 20
        assertThat(age.oldest(30)).contains(Duration.ofNanos(10));
    }

    @Test
    void theRestOfAFrameThatIsNotInTheLogAnyMoreAgesOn() {
        age.update(100, 0, 100, 0);
        age.update(10, Long.MAX_VALUE, 500, 40);
        assertThat(age.oldest(50)).contains(Duration.ofNanos(50));
    }

    /** A log in which each byte is a frame, with the time that it came; read as fast and as slowly as it happens. */
    @Test
    void itIsNeverTooShort() {
        Random random = new Random(1);
        Deque<Long> waiting = new ArrayDeque<>();
        long end = 0;
        long waited = 0;
        for (long now = 1; now < 20_000; now++) {
            for (int i = random.nextInt(10); i > 0; i--) {
                waiting.add(now);
                end++;
            }
            for (int i = random.nextInt(now / 1_000 % 2 == 0 ? 8 : 14); i > 0 && !waiting.isEmpty(); i--) {
                waiting.remove();
            }
            age.update(waiting.size(), end - waiting.size(), end, now);
            if (waiting.isEmpty()) {
                assertThat(age.oldest(now)).isEmpty();
            } else {
                assertThat(age.oldest(now).orElseThrow())
                        .isGreaterThanOrEqualTo(Duration.ofNanos(now - waiting.peek()));
                waited++;
            }
        }
        assertThat(waited).as("times at which something waited").isGreaterThan(1_000);
    }
}
