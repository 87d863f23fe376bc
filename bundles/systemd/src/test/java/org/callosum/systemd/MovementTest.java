// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.systemd;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class MovementTest {
    private final FakeState state = new FakeState();
    private final Movement movement = new Movement(state);

    @Test
    void whatHasNothingToDoMoves() {
        assertThat(movement.isThere()).isTrue();
        assertThat(movement.isThere()).isTrue();
    }

    @Test
    void whatHasDispatchedMovesHoweverMuchWaits() {
        state.queued = 1_000;
        state.dispatched = 1;
        assertThat(movement.isThere()).isTrue();

        state.dispatched = 2;
        assertThat(movement.isThere()).isTrue();
    }

    @Test
    void whatHasDispatchedNothingWhileEventsWaitDoesNot() {
        state.queued = 3;
        movement.isThere();

        assertThat(movement.isThere()).isFalse();
        assertThat(movement.obstacle())
                .isEqualTo(
                        "of 3 events that wait none was dispatched since the last look, the oldest has waited for 7 s");

        state.dispatched = 1;
        assertThat(movement.isThere()).as("it goes on").isTrue();
    }

    @Test
    void aDispatcherThatDoesNotRunDoesNot() {
        state.dispatching = false;

        assertThat(movement.isThere()).isFalse();
        assertThat(movement.obstacle()).isEqualTo("the dispatcher does not run");
    }

    @Test
    void aBusThatDoesNotAnswerDoesNot() {
        state.busFailure = new IllegalStateException("no answer within 5 s");

        assertThat(movement.isThere()).isFalse();
        assertThat(movement.obstacle()).isEqualTo("the bus does not answer: no answer within 5 s");
    }
}
