// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

import org.callosum.api.Message;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Who leads, without threads. */
class LeadershipTest {
    private final ManualTicker ticker = new ManualTicker();
    private final Leadership leadership = new Leadership(ticker);
    private final Worker worker = new Worker(1, new ReentrantLock().newCondition(), () -> {});
    private final Dispatch dispatch = new Dispatch(TestDispatcher.message("a", "b"), List.of(), LeadershipTest::ended);

    @Test
    void theFirstWorkerBeginsWithAnEventThatIsToBeFound() {
        assertThat(leadership.isIdle()).isTrue();
        leadership.wake();
        leadership.await(null);
        assertThat(leadership.isWaiting()).isTrue();
        assertThat(leadership.isIdle()).isFalse();

        leadership.begin(worker);

        assertThat(leadership.isLed()).isTrue();
        assertThat(leadership.leader()).isSameAs(worker);
        assertThat(leadership.takeOver()).isNull();
        assertThat(leadership.isWoken()).as("it will see all that there is").isFalse();
    }

    @Test
    void whatTheLeaderRunsIsLeftAndTheNextOneGoesOnWithItsEventOnce() {
        leadership.begin(worker);
        leadership.await(dispatch);
        assertThat(leadership.leader()).isNull();
        assertThat(leadership.current()).isSameAs(dispatch);

        leadership.begin(new Worker(2, new ReentrantLock().newCondition(), () -> {}));

        assertThat(leadership.takeOver()).isSameAs(dispatch);
        assertThat(leadership.takeOver()).isNull();
    }

    @Test
    void anEventWaitsSinceItWaitedForTheFirstTime() {
        ticker.advance(Duration.ofNanos(5));
        leadership.await(dispatch);
        long since = dispatch.waitingSinceNanos;
        assertThat(since).isEqualTo(ticker.nanos());
        leadership.begin(worker);
        ticker.advance(Duration.ofNanos(5));

        leadership.await(dispatch);

        assertThat(dispatch.waitingSinceNanos).isEqualTo(since);
    }

    @Test
    void anEventWhoseRunsAreOverWaitsForAWorkerOnlyIfThatWasWaitedFor() {
        leadership.begin(worker);
        leadership.settled(dispatch);
        assertThat(leadership.leader()).as("it is still calling handlers").isSameAs(worker);

        leadership.settle(dispatch);
        assertThat(leadership.isIdle()).isFalse();
        assertThat(leadership.isWaiting()).isFalse();
        leadership.settled(dispatch);

        assertThat(leadership.isWaiting()).isTrue();
        assertThat(leadership.current()).isSameAs(dispatch);
    }

    @Test
    void whoWasWokenDoesNotRestButLooksOnceMore() {
        leadership.begin(worker);
        leadership.wake();

        assertThat(leadership.rest()).isFalse();
        assertThat(leadership.leader()).isSameAs(worker);
        assertThat(leadership.rest()).isTrue();
        assertThat(leadership.leader()).isNull();
        assertThat(leadership.isResting()).isTrue();
    }

    @Test
    void whoListensLeadsOnWhenItIsBack() {
        leadership.begin(worker);
        leadership.listen();
        assertThat(leadership.isListening()).isTrue();
        assertThat(leadership.isIdle()).isTrue();
        assertThat(leadership.leader()).isSameAs(worker);
        leadership.wake();
        assertThat(leadership.isWoken()).isTrue();

        leadership.listened();

        assertThat(leadership.isLed()).isTrue();
        assertThat(leadership.isWoken()).as("it looks now").isFalse();
    }

    private static void ended(Dispatch over) {
        Message message = over.message;
        throw new AssertionError(message + " is not to be ended here");
    }
}
