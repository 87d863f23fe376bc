// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.bridge;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;

import org.callosum.api.Message;
import org.callosum.core.bridge.Overflow.Move;
import org.callosum.core.spill.Spilled;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What is to be moved between memory and disk, without either. Each event has 10 bytes, a chunk is 20. */
class OverflowTest {
    private static final long CHUNK = 20;

    private final Overflow overflow = new Overflow(false);

    @Test
    void untilTheDiskWasLookedAtWhatComesGoesBehindIt() {
        Overflow unknown = new Overflow(true);
        assertThat(unknown.isOpen()).isTrue();
        unknown.add(event(1));
        assertThat(unknown.isTailNext()).isFalse();

        unknown.moved(0);

        assertThat(unknown.isTailNext()).isTrue();
    }

    @Test
    void aChunkOfTheTailIsWrittenOnceThereIsOneAndTheDiskTakesIt() {
        overflow.writable(true);
        overflow.add(event(1));
        assertThat(overflow.hasMove(false, CHUNK)).isFalse();
        overflow.add(event(2));
        overflow.add(event(3));
        overflow.writable(false);
        assertThat(overflow.hasMove(false, CHUNK)).isFalse();
        overflow.writable(true);
        assertThat(overflow.hasMove(false, CHUNK)).isTrue();

        assertThat(overflow.next(false, CHUNK)).isEqualTo(new Move.Write(List.of(event(1), event(2))));
        assertThat(overflow.tailBytes())
                .as("what is in hand is in memory still")
                .isEqualTo(30);
        overflow.moving(true);
        overflow.written(20);
        overflow.moved(2);

        assertThat(overflow.tailBytes()).isEqualTo(10);
        assertThat(overflow.onDisk()).isEqualTo(2);
        assertThat(overflow.isTailNext()).isFalse();
    }

    @Test
    void whatCouldNotBeWrittenIsTheTailsAgainInItsOrder() {
        overflow.writable(true);
        List.of(event(1), event(2), event(3)).forEach(overflow::add);
        Move.Write write = (Move.Write) overflow.next(false, CHUNK);
        overflow.takeBack(write.events());

        assertThat(overflow.tail()).containsExactly(event(1), event(2), event(3));
        assertThat(overflow.tailBytes()).isEqualTo(30);
    }

    @Test
    void theHeadIsFilledFromTheDiskWhenItIsEmptyAndInTurnWithWriting() {
        overflow.writable(true);
        overflow.moved(5);
        assertThat(overflow.hasMove(false, CHUNK)).isFalse();
        List.of(event(6), event(7)).forEach(overflow::add);

        assertThat(overflow.next(true, CHUNK)).isEqualTo(new Move.Read(CHUNK));
        assertThat(overflow.next(true, CHUNK)).isInstanceOf(Move.Write.class);
        overflow.written(20);
        assertThat(overflow.next(true, CHUNK)).isEqualTo(new Move.Read(CHUNK));
        assertThat(overflow.next(true, CHUNK)).as("nothing is to be written").isEqualTo(new Move.Read(CHUNK));
    }

    @Test
    void theTailFollowsTheHeadAndIsClosedThen() {
        overflow.open();
        overflow.add(event(1));
        assertThat(overflow.isEmpty()).isFalse();
        assertThat(overflow.isTailNext()).isTrue();

        assertThat(overflow.takeTail(new ArrayDeque<>())).containsExactly(event(1));

        assertThat(overflow.isOpen()).isFalse();
        assertThat(overflow.isEmpty()).isTrue();
        assertThat(overflow.tailBytes()).isZero();
    }

    private static Queued event(int n) {
        return new Queued(Message.of("a", "b", Map.of("n", n)), 10, n, Spilled.NOWHERE);
    }
}
