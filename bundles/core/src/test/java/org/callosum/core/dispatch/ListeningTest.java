// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

import org.callosum.core.dispatch.SerialDispatcher.Departure;
import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.callosum.core.dispatch.TestDispatcher.message;

/** The worker that leads waits for events where they come from, while they come one by one: {@link org.callosum.core.EventSource#listen}. */
@Timeout(60)
class ListeningTest {
    private final RecordingLogger log = new RecordingLogger();
    private final Handlers handlers = new Handlers();
    private final SerialDispatcher dispatcher =
            TestDispatcher.of(handlers).with(Ticker.SYSTEM).with(log).make();
    private final ListeningSource source = new ListeningSource(dispatcher::wake);
    private final BlockingQueue<Thread> ran = new LinkedBlockingQueue<>();

    @BeforeEach
    void start() {
        dispatcher.start();
        handlers.add("a", "b", context -> ran.add(Thread.currentThread()));
        dispatcher.follow(source);
    }

    @AfterEach
    void stop() {
        dispatcher.stop();
        assertThat(log.texts("error")).isEmpty();
    }

    @Test
    void whenEventsComeOneByOneWhoListensRunsTheHandlers() throws Exception {
        // A machine that stands still for a moment has it left: not each time in a hundred, and ten events in a row are
        // proof.
        int inARow = 0;
        for (int n = 0; inARow < 10 && n < 1_000; n++) {
            Thread listener = listen();
            int left = source.left.get();
            source.give(message("a", "b"));
            boolean isListeners = ran() == listener;
            inARow = isListeners && source.left.get() == left ? inARow + 1 : 0;
        }
        assertThat(inARow).isEqualTo(10);
    }

    @Test
    void beforeThatNobodyListens() throws Exception {
        for (int n = 0; n < 5; n++) {
            source.give(message("a", "b"));
            ran();
        }
        assertThat(source.listened).hasValue(0);
    }

    @Test
    void whatOthersWantDoneRecallsIt() throws Exception {
        listen();
        assertThat(dispatcher.dispatch(message("a", "b"))).isEqualTo(1);
    }

    @Test
    void aHandlerThatIsSlowHasSomebodyElseBringTheEvents() throws Exception {
        var gate = new CountDownLatch(1);
        listen();
        handlers.add("slow", "b", context -> gate.await());
        int left = source.left.get();
        source.give(message("slow", "b"));
        while (source.left.get() == left) {
            Thread.onSpinWait(); // the watchdog looks
        }
        gate.countDown();
        source.give(message("a", "b")); // and all goes on
        assertThat(ran()).isNotNull();
    }

    @Test
    void whateverElseKeepsItHasSomebodyElseBringTheEvents() throws Exception {
        var gate = new CountDownLatch(1);
        listen();
        int left = source.left.get();
        source.gate = gate;
        source.give(message("a", "b"));
        while (source.left.get() == left) {
            Thread.onSpinWait(); // the watchdog looks
        }
        gate.countDown();
        assertThat(ran()).isNotNull();
    }

    @Test
    void aBurstHasSomebodyElseBringTheEvents() throws Exception {
        var held = new CountDownLatch(1);
        var first = new CountDownLatch(1);
        handlers.add("first", "b", context -> {
            first.countDown();
            held.await();
        });
        listen();
        int left = source.left.get();
        source.give(message("first", "b"));
        first.await();
        for (int n = 0; n < 100; n++) {
            source.give(message("a", "b"));
        }
        held.countDown();
        for (int n = 0; n < 100; n++) {
            ran();
        }
        assertThat(source.left.get()).isGreaterThan(left);
    }

    @Test
    void aSourceThatRefusesIsNotAskedAtEachRest() throws Exception {
        source.refuses = true;
        for (int n = 0; n < 200; n++) {
            source.give(message("a", "b"));
            ran();
        }
        assertThat(source.listened.get()).isBetween(1, 3);
    }

    @Test
    void aStopRecallsItAndItLeaves() throws Exception {
        Thread listener = listen();
        int left = source.left.get();
        dispatcher.stop();

        listener.join(SECONDS.toMillis(10));
        assertThat(listener.isAlive()).isFalse();
        assertThat(source.left.get()).isGreaterThan(left);
        dispatcher.start();
        assertThat(dispatcher.dispatch(message("a", "b"))).isEqualTo(1);
    }

    @Test
    void anotherSourceRecallsIt() throws Exception {
        listen();
        dispatcher.unfollow(source);
        var next = new ListeningSource(dispatcher::wake);
        dispatcher.follow(next);
        next.give(message("a", "b"));
        assertThat(ran()).isNotNull();
    }

    @Test
    void oneThatRanABundleThatStopsIsRetired() throws Exception {
        Thread listener = listen();
        Handler leaving = handlers.all().iterator().next();
        dispatcher.leaving(leaving, Departure.FOR_GOOD);
        handlers.remove(leaving);
        dispatcher.close(List.of(leaving));

        listener.join(SECONDS.toMillis(10));
        assertThat(listener.isAlive())
                .as("it would keep the bundle's class loader")
                .isFalse();
        handlers.add("a", "b", context -> ran.add(Thread.currentThread()));
        source.give(message("a", "b"));
        assertThat(ran()).isNotEqualTo(listener);
    }

    /** Events one by one until somebody listens. */
    private Thread listen() throws InterruptedException {
        Thread listener = source.listenerSoon();
        while (listener == null) {
            source.give(message("a", "b"));
            ran();
            listener = source.listenerSoon();
        }
        return listener;
    }

    private Thread ran() throws InterruptedException {
        Thread thread = ran.poll(10, SECONDS);
        assertThat(thread).as("a handler was called").isNotNull();
        return thread;
    }
}
