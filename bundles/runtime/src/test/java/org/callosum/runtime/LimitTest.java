// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.runtime;

import java.time.Duration;
import java.util.OptionalLong;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LimitTest {
    private long now = 5;
    private final Limit limit = new Limit(Duration.ofSeconds(10), 60, () -> now);

    @Test
    void oneOfTheSameIsToldEachPauseWithTheNumberOfThoseBetween() {
        assertThat(limit.admit("failed", "a/b")).hasValue(0);
        assertThat(limit.admit("failed", "a/b")).isEmpty();
        assertThat(limit.admit("failed", "a/b")).isEmpty();
        assertThat(limit.admit("failed", "a/c")).as("another subject").hasValue(0);
        assertThat(limit.admit("released", "a/b")).as("another event").hasValue(0);

        pass(Duration.ofSeconds(10));

        assertThat(limit.admit("failed", "a/b")).hasValue(2);
        pass(Duration.ofSeconds(10));
        assertThat(limit.admit("failed", "a/b")).hasValue(0);
    }

    @Test
    void ofAllTogetherThereAreSoManyAMinute() {
        int told = 0;
        for (int i = 0; i < 100; i++) {
            told += limit.admit("failed", "subject " + i).isPresent() ? 1 : 0;
        }
        assertThat(told).isEqualTo(60);

        pass(Duration.ofSeconds(1));
        assertThat(limit.admit("failed", "subject 99"))
                .as("one second later, one more")
                .isEqualTo(OptionalLong.of(1));
        assertThat(limit.admit("failed", "subject 98")).isEmpty();
    }

    @Test
    void whatCouldNotBeEmittedIsCountedInTheNextOne() {
        limit.leftOut("failed", "a/b", 3);

        assertThat(limit.admit("failed", "a/b")).hasValue(3);
    }

    @Test
    void whatIsRememberedIsBounded() {
        Limit wide = new Limit(Duration.ofSeconds(10), 100_000, () -> now);
        for (int i = 0; i <= Limit.MAX_KEYS; i++) {
            wide.admit("failed", "subject " + i);
        }

        assertThat(wide.admit("failed", "subject 0")).as("it was forgotten").hasValue(0);
        assertThat(wide.admit("failed", "subject " + Limit.MAX_KEYS)).isEmpty();
    }

    @Test
    void otherLimitsHoldAtOnce() {
        limit.apply(Duration.ZERO, 1);

        assertThat(limit.admit("failed", "a/b")).isPresent();
        assertThat(limit.admit("failed", "a/b")).isEmpty();
        pass(Duration.ofMinutes(1));
        assertThat(limit.admit("failed", "a/b")).hasValue(1);
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }
}
