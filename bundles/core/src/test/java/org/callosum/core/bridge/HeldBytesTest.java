// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.bridge;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What counts as full, with a capacity of 800 and an allowance of 100. */
class HeldBytesTest {
    private final HeldBytes held = new HeldBytes();

    @BeforeEach
    void limit() {
        held.limit(800, 100);
    }

    @Test
    void thereIsRoomUntilTheCapacityIsHeldAndAgainWhenSomeIsTaken() {
        held.add(799);
        assertThat(held.isRoomy()).isTrue();
        held.add(1);
        assertThat(held.isRoomy()).isFalse();

        held.take(1);

        assertThat(held.used()).isEqualTo(799);
        assertThat(held.isRoomy()).isTrue();
    }

    @Test
    void whatReservesMayGoIntoTheAllowanceAndNotBeyond() {
        held.add(800);
        assertThat(held.reserve(101)).isFalse();
        assertThat(held.used()).isEqualTo(800);
        assertThat(held.reserve(100)).isTrue();
        assertThat(held.used()).isEqualTo(900);
        assertThat(held.reserved()).isEqualTo(100);
        assertThat(held.reserve(1)).isFalse();
    }

    @Test
    void whatComesIsHeldOnAndWhatDoesNotIsGivenBack() {
        held.reserve(100);
        held.come(60);
        assertThat(held.used()).isEqualTo(100);
        held.giveBack(40);

        assertThat(held.used()).isEqualTo(60);
        assertThat(held.reserved()).isZero();
    }

    @Test
    void itIsLowWhenAnEighthIsFree() {
        held.add(701);
        assertThat(held.isLow()).isFalse();
        held.take(1);
        assertThat(held.isLow()).isTrue();
    }

    @Test
    void batchAndHeadAreNearlyFullAtThreeQuartersWithoutTheTailAndWhatIsReserved() {
        held.add(600);
        assertThat(held.isNearlyFull(0)).isFalse();
        held.add(1);
        assertThat(held.isNearlyFull(0)).isTrue();
        assertThat(held.isNearlyFull(1)).as("with one of the tail among them").isFalse();
        held.reserve(100);
        assertThat(held.isNearlyFull(1)).isFalse();
        assertThat(held.isNearlyFull(0)).isTrue();
    }

    @Test
    void whatIsReservedDoesNotKeepHalfFromBeingFree() {
        held.add(400);
        held.reserve(100);
        assertThat(held.isHalfFree()).isTrue();
        held.add(1);
        assertThat(held.isHalfFree()).isFalse();
    }

    @Test
    void aSixteenthIsMovedAtATimeAndNeverNothing() {
        assertThat(held.chunk()).isEqualTo(50);
        held.limit(0, 0);
        assertThat(held.chunk()).isEqualTo(1);
        held.limit(1L << 40, 0);
        assertThat(held.chunk()).isEqualTo(1 << 20);
    }
}
