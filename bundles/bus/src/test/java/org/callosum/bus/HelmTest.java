// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

/** The test's thread is the loop's own one; guests have threads of their own, each one always the same. */
@Timeout(60)
class HelmTest {
    private final Helm helm = new Helm(Duration.ofSeconds(30));
    private final ExecutorService guest = thread();
    private final ExecutorService other = thread();

    private static ExecutorService thread() {
        return Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "test guest");
            thread.setDaemon(true);
            return thread;
        });
    }

    @AfterEach
    void end() {
        helm.end();
        guest.shutdownNow();
        other.shutdownNow();
    }

    @Test
    void withoutAGuestTheOwnThreadGoesOn() {
        assertThat(helm.lend()).isFalse();
    }

    @Test
    void itIsTheGuestsUntilItIsGivenBack() throws Exception {
        var done = new AtomicBoolean();
        Future<Boolean> taken = lent(() -> {
            done.set(true);
            helm.giveBack();
        });

        assertThat(done).as("before the own thread went on").isTrue();
        assertThat(taken.get()).isTrue();
    }

    @Test
    void aGuestThatWasAwayIsBackWithoutTheOwnThread() throws Exception {
        lent(() -> {
            helm.pause();
            assertThat(helm.isAway()).isTrue();
            assertThat(helm.take(() -> {
                        throw new AssertionError("nobody is to be woken");
                    }))
                    .isTrue();
            assertThat(helm.isAway()).isFalse();
            helm.giveBack();
        });
    }

    @Test
    void oneThatIsAwayCanBeLeft() throws Exception {
        lent(() -> {
            helm.pause();
            other(helm::leave);
        });
        assertThat(of(guest, helm::isAway)).isFalse();
    }

    @Test
    void oneThatIsThereIsNotLeft() throws Exception {
        lent(() -> {
            other(helm::leave);
            helm.pause();
            assertThat(helm.isAway()).as("it had it until now").isTrue();
            helm.leave();
        });
    }

    @Test
    void nobodyElseGetsItMeanwhile() throws Exception {
        lent(() -> {
            assertThat(of(other, () -> helm.take(() -> {}))).isFalse();
            helm.pause();
            assertThat(of(other, () -> helm.take(() -> {}))).isFalse();
            assertThat(of(other, helm::isAway)).isFalse();
            helm.leave();
        });
    }

    @Test
    void whoeverWaitsForItAtTheEndDoesNotGetIt() throws Exception {
        var waits = new CountDownLatch(1);
        Future<Boolean> taken = guest.submit(() -> helm.take(waits::countDown));
        waits.await();
        helm.end();

        assertThat(taken.get(10, SECONDS)).isFalse();
        assertThat(of(guest, () -> helm.take(() -> {}))).isFalse();
    }

    @Test
    void whoeverWaitsTooLongForItDoesWithout() throws Exception {
        var busy = new Helm(Duration.ofMillis(10));

        assertThat(of(guest, () -> busy.take(() -> {}))).isFalse();
        assertThat(busy.lend()).as("nobody waits any more").isFalse();
    }

    /** A guest that comes back, somebody who leaves it, and the own thread that takes over: never two, and never nobody for ever. */
    @Test
    void comingBackAndBeingLeftRaceAndOneWins() throws Exception {
        var inside = new AtomicInteger();
        var faults = new AtomicInteger();
        var isOver = new AtomicBoolean();
        Future<?> guests = guest.submit(() -> {
            while (!isOver.get()) {
                if (helm.take(() -> {})) {
                    count(inside, faults);
                    helm.pause();
                }
            }
            helm.leave();
        });
        Future<?> leaving = other.submit(() -> {
            while (!isOver.get()) {
                helm.leave();
            }
        });
        int lent = 0;
        while (lent < 500) {
            lent += helm.lend() ? 1 : 0;
            count(inside, faults);
        }
        isOver.set(true);
        while (!guests.isDone()) {
            helm.lend();
        }
        leaving.get(10, SECONDS);

        assertThat(faults).hasValue(0);
    }

    private static void count(AtomicInteger inside, AtomicInteger faults) {
        if (inside.incrementAndGet() != 1) {
            faults.incrementAndGet();
        }
        inside.decrementAndGet();
    }

    /** Lends it to the guest, who does this with it; when this returns, the own thread has it again. */
    private Future<Boolean> lent(Guest does) throws Exception {
        Future<Boolean> taken = guest.submit(() -> {
            boolean isTaken = helm.take(() -> {});
            does.run();
            return isTaken;
        });
        while (!helm.lend()) {
            Thread.onSpinWait(); // the guest is on its way
        }
        taken.get(10, SECONDS);
        return taken;
    }

    private void other(Runnable does) throws Exception {
        other.submit(does).get(10, SECONDS);
    }

    private static <T> T of(ExecutorService thread, Callable<T> what) throws Exception {
        return thread.submit(what).get(10, SECONDS);
    }

    private interface Guest {
        void run() throws Exception;
    }
}
