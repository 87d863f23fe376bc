// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** What becomes of calls when there is no thread or no room for them, and at the end. {@link ReportsTest} has the rest. */
@Timeout(60)
class SideThreadTest {
    private static final long MEBIBYTE = 1 << 20;

    private final List<String> done = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Thread> made = new LinkedBlockingQueue<>();
    private final AtomicInteger refusals = new AtomicInteger();
    private final CountDownLatch open = new CountDownLatch(1);
    private final SideThread side = new SideThread(this::thread, count -> done.add(count + " left out"));

    /** As the JDK's, which there may be no more of. */
    private Thread thread(Runnable life) {
        var thread = new Thread(life, "test side") {
            @Override
            public synchronized void start() {
                if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    throw new OutOfMemoryError("unable to create native thread");
                }
                super.start();
            }
        };
        thread.setDaemon(true);
        made.add(thread);
        return thread;
    }

    @AfterEach
    void stop() {
        open.countDown();
        side.stop();
    }

    @Test
    void whatFoundNoThreadIsDoneWithTheNextCallInItsOrder() {
        side.start();
        refusals.set(2);
        add("1");
        add("2");
        assertThat(done).isEmpty();

        add("3");
        side.stop();

        assertThat(done).containsExactly("1", "2", "3");
    }

    @Test
    void whatFoundNoThreadIsDoneAtTheEnd() {
        side.start();
        refusals.set(1);
        add("1");

        side.stop();

        assertThat(done).containsExactly("1");
    }

    @Test
    void whatFindsNoThreadEvenAtTheEndIsLeftOutAndKeepsNothing() {
        side.start();
        refusals.set(2);
        add("1");
        side.stop();

        side.start();
        add("2");
        side.stop();

        assertThat(done).containsExactly("1 left out", "2");
    }

    @Test
    void callsThatKeepMuchWaitAsFarAsThereIsRoom() throws Exception {
        side.start();
        block();
        add("alone", 20 * MEBIBYTE);
        add("too much", 1);
        add("no bytes", 0);
        open.countDown();
        side.stop();

        assertThat(done)
                .as("1 was left out, before the next that was not")
                .containsExactly("alone", "1 left out", "no bytes");
    }

    @Test
    void thereIsRoomAgainWhenSomeAreDone() throws Exception {
        side.start();
        block();
        add("1", 10 * MEBIBYTE);
        add("2", 6 * MEBIBYTE);
        add("too much", 1);
        open.countDown();
        made.remove().join(); // it ends when there is nothing left
        add("3", 10 * MEBIBYTE);
        add("4", 6 * MEBIBYTE);
        side.stop();

        assertThat(done).containsExactly("1", "2", "1 left out", "3", "4");
    }

    @Test
    void whoEndsItInterruptedWaitsAllTheSameAndStaysInterrupted() throws Exception {
        side.start();
        Thread ending = Thread.currentThread();
        side.add(() -> {
            while (ending.getState() != Thread.State.TIMED_WAITING
                    && !Thread.currentThread().isInterrupted()) {
                Thread.onSpinWait();
            }
            done.add("1");
        });
        add("2");
        Thread thread = made.remove();

        ending.interrupt();
        side.stop();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(done).containsExactly("1", "2");
        assertThat(thread.isAlive()).isFalse();
    }

    @Test
    void aCallThatEndsItDoesNotWaitForItselfAndTheRestIsDone() throws Exception {
        side.start();
        block();
        side.add(side::stop);
        add("1");
        add("2");
        Thread thread = made.remove();

        open.countDown();
        thread.join(TimeUnit.SECONDS.toMillis(10));

        assertThat(thread.isAlive()).isFalse();
        assertThat(done).containsExactly("1", "2");
        side.start();
        add("3");
        side.stop();
        assertThat(done).containsExactly("1", "2", "3");
    }

    @Test
    void callsAfterTheNextStartDoNotWaitForOneThatStillBlocks() throws Exception {
        side.start();
        Thread blocked = block(); // and no interrupt moves it
        side.stop();

        side.start();
        add("1");
        side.stop();
        open.countDown();
        blocked.join(TimeUnit.SECONDS.toMillis(10));

        assertThat(blocked.isAlive()).isFalse();
        assertThat(done).containsExactly("1");
    }

    private void add(String text) {
        add(text, 0);
    }

    private void add(String text, long bytes) {
        side.add(() -> done.add(text), bytes);
    }

    /** Has it in a call that blocks until it is let go, whoever interrupts it. The thread. */
    private Thread block() throws InterruptedException {
        var entered = new LinkedBlockingQueue<Thread>();
        side.add(() -> {
            entered.add(Thread.currentThread());
            while (open.getCount() > 0) {
                try {
                    open.await();
                } catch (InterruptedException deaf) {
                    continue;
                }
            }
        });
        return entered.take();
    }
}
