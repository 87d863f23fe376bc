// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** Who is there to run something; the workers of the test only wait. */
@Timeout(60)
class CrewTest {
    private final ReentrantLock lock = new ReentrantLock();
    private final CountDownLatch end = new CountDownLatch(1);
    private final Crew crew = new Crew(lock, worker -> await());
    private final Handlers handlers = new Handlers();
    private final Handler handler = handlers.add("a", "b", context -> {});
    private final Dispatch dispatch = new Dispatch(TestDispatcher.message("a", "b"), List.of(handler), over -> {});

    @BeforeEach
    void lock() {
        lock.lock();
    }

    @AfterEach
    void unlock() {
        lock.unlock();
        end.countDown();
    }

    @Test
    void whoBecameIdleLastIsCalledFirstAndANewOneIfNobodyIs() {
        Worker first = crew.call();
        Worker second = crew.call();
        assertThat(second).isNotSameAs(first);
        assertThat(first.thread.isAlive()).isTrue();
        crew.rest(first);
        crew.rest(second);

        assertThat(crew.call()).isSameAs(second);
        assertThat(crew.call()).isSameAs(first);
        assertThat(crew.call()).isNotIn(first, second);
    }

    @Test
    void whatRunsForAnEventAndWhatGetsAServiceAreCountedApart() {
        run(crew.call(), dispatch);
        run(crew.call(), dispatch);
        Worker preparing = crew.call();
        run(preparing, null);
        crew.call(); // runs nothing

        assertThat(crew.busyForEvents()).isEqualTo(2);
        assertThat(crew.busyPreparing()).isEqualTo(1);
        assertThat(crew.busy()).hasSize(3).contains(preparing);
        assertThat(crew.isBusyBut(null)).isTrue();
    }

    @Test
    void whoIsWrittenOffDoesNotCountAsBusyAndIsStillOneOfThem() {
        Worker worker = crew.call();
        run(worker, dispatch);
        crew.writeOff(worker);

        assertThat(crew.busyForEvents()).isZero();
        assertThat(crew.isBusyBut(null)).isFalse();
        assertThat(crew.writtenOff()).isEqualTo(1);
        assertThat(crew.held()).containsExactly(worker);
        assertThat(crew.has(worker)).isTrue();

        crew.leave(worker);
        assertThat(crew.has(worker)).isFalse();
        assertThat(crew.writtenOff()).isZero();
    }

    @Test
    void whoWasIdleLongestEndsFirstAndNobodyWhoRuns() {
        Worker busy = crew.call();
        Worker first = crew.call();
        Worker second = crew.call();
        run(busy, dispatch);
        crew.rest(first);
        crew.rest(second);

        crew.shrink(2);
        assertThat(List.of(first.ending, second.ending)).containsExactly(true, false);
        crew.shrink(0);

        assertThat(second.ending).isTrue();
        assertThat(busy.ending).isFalse();
        assertThat(crew.has(busy)).isTrue();
        assertThat(crew.has(first)).isFalse();
    }

    @Test
    void whoEverRanSomethingOfABundleIsRetiredAtOnceOrWhenItIsIdle() {
        Worker idle = crew.call();
        Worker busy = crew.call();
        Worker other = crew.call();
        run(idle, dispatch);
        idle.endInvocation();
        crew.rest(idle);
        run(busy, dispatch);
        crew.rest(other);

        crew.retire(handler.owner().bundleId());

        assertThat(List.of(idle.ending, busy.ending, other.ending)).containsExactly(true, true, false);
        assertThat(crew.has(idle)).isFalse();
        assertThat(crew.has(busy)).isTrue();
        assertThat(crew.call()).isSameAs(other);
    }

    @Test
    void whoIsTooManyLeavesOnlyIfItIsIdle() {
        Worker first = crew.call();
        Worker second = crew.call();
        assertThat(crew.leaveIfTooMany(second, 1)).isFalse();
        crew.rest(second);

        assertThat(crew.leaveIfTooMany(second, 2)).isFalse();
        assertThat(crew.leaveIfTooMany(second, 1)).isTrue();
        assertThat(crew.has(second)).isFalse();
        assertThat(crew.has(first)).isTrue();
    }

    private void run(Worker worker, Dispatch of) {
        worker.begin(new Invocation(handler, null, of, 1), 1);
    }

    private void await() {
        try {
            end.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
