// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

import org.callosum.core.dispatch.LeaderWatch.Sight;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What is seen of a worker that leads, look by look. */
class LeaderWatchTest {
    private final Worker leader = new Worker(1, new ReentrantLock().newCondition(), () -> {});
    private final Handler handler = new Handlers().add("a", "b", context -> {});

    @Test
    void aRunThatIsThereAtTwoLooksIsSeenAndOneThatBeganSinceIsNot() {
        leader.begin(handler, null, null, 1);
        assertThat(LeaderWatch.look(leader, 1)).isEqualTo(Sight.GETS_ON);
        assertThat(LeaderWatch.look(leader, 2)).isEqualTo(Sight.RUNS);
        assertThat(leader.seen).isEqualTo(leader.state());

        leader.end();
        leader.begin(handler, null, null, 3);

        assertThat(LeaderWatch.look(leader, 3)).isEqualTo(Sight.GETS_ON);
    }

    @Test
    void whoRunsNothingIsAwayAtTheSecondLookAndThatIsSaidOnce() {
        leader.begin(handler, null, null, 1);
        leader.end();
        assertThat(LeaderWatch.look(leader, 1)).isEqualTo(Sight.GETS_ON);

        assertThat(LeaderWatch.look(leader, 2)).isEqualTo(Sight.AWAY);
        assertThat(LeaderWatch.look(leader, 3)).isEqualTo(Sight.NOTHING_NEW);
    }

    @Test
    void itIsStuckAfterManyLooksAndMuchTimeAndNotForOneOfThemAlone() {
        leader.begin(handler, null, null, 1);
        leader.end();
        LeaderWatch.look(leader, 0);
        LeaderWatch.look(leader, 1);
        assertThat(LeaderWatch.look(leader, LeaderWatch.STUCK_NANOS))
                .as("as after a sleep of the machine")
                .isEqualTo(Sight.NOTHING_NEW);

        IntStream.range(0, 2_000).forEach(n -> assertThat(LeaderWatch.look(leader, LeaderWatch.STUCK_NANOS - 1))
                .isEqualTo(Sight.NOTHING_NEW));
        assertThat(LeaderWatch.look(leader, LeaderWatch.STUCK_NANOS)).isEqualTo(Sight.STUCK);
        assertThat(LeaderWatch.look(leader, LeaderWatch.STUCK_NANOS + 1))
                .as("not at once again")
                .isEqualTo(Sight.AWAY);
    }
}
