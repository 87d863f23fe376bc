// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

import org.callosum.api.Message;
import org.callosum.core.HandlerEvent;
import org.callosum.core.HandlerEvent.Kind;
import org.callosum.core.HandlerStatus;
import org.callosum.core.RuntimeListener;
import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The time limit holds, and parked events are handed over, while who listens does not return.
 *
 * <p>Each test has a thread of its own: one that fails may wait for a lock, which no interrupt ends.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BlockedListenerTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** Says that it was told something, then takes nothing until it is let go. */
    private static final class BlockingListener implements RuntimeListener {
        final CountDownLatch entered = new CountDownLatch(1);
        final CountDownLatch open = new CountDownLatch(1);
        final BlockingQueue<String> told = new LinkedBlockingQueue<>();

        @Override
        public void happened(HandlerEvent event) {
            entered.countDown();
            try {
                open.await();
            } catch (InterruptedException e) {
                return;
            }
            told.add(event.kind() + " " + event.handler());
        }

        void awaitEntered() throws InterruptedException {
            assertThat(entered.await(10, SECONDS)).as("listener told").isTrue();
        }
    }

    private final RecordingLogger log = new RecordingLogger();
    private final ManualTicker ticker = new ManualTicker();
    private final Handlers handlers = new Handlers();
    private final GatedHandler first = new GatedHandler();
    private final GatedHandler second = new GatedHandler();
    private final BlockingListener listener = new BlockingListener();
    private final SerialDispatcher dispatcher =
            TestDispatcher.of(handlers).with(ticker).with(log).make();

    @BeforeEach
    void start() {
        dispatcher.report(listener);
        dispatcher.start();
    }

    @AfterEach
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void stop() {
        listener.open.countDown();
        first.letGo();
        second.letGo();
        dispatcher.stop();
    }

    @Test
    void anotherHandlerThatHangsIsWrittenOffAndEventsGoOn() throws Exception {
        handlers.add("a", "first", first);
        handlers.add("a", "second", second);
        handlers.add("a", "quick", context -> {});
        overrun(first, "first");
        listener.awaitEntered();

        overrun(second, "second");
        assertThat(dispatch("a", "quick")).isEqualTo(1);

        assertThat(dispatcher.handlers()).extracting(HandlerStatus::timedOut).containsExactly(1L, 1L, 0L);
        assertThat(listener.told).isEmpty();
        listener.open.countDown();
        assertThat(listener.told.poll(10, SECONDS)).isEqualTo("TIMED_OUT Handler1");
        assertThat(listener.told.poll(10, SECONDS)).isEqualTo("TIMED_OUT Handler2");
    }

    @Test
    void parkedEventsAreHandedOver() throws Exception {
        var seen = new CountDownLatch(1);
        Handler quarantined = handlers.add("app", "one", 0, "a", "b", () -> context -> seen.countDown());
        dispatcher.quarantine(quarantined.serviceId());
        listener.awaitEntered(); // told by who hands over
        assertThat(dispatch("a", "b")).isZero();

        dispatcher.release(quarantined.serviceId());

        assertThat(seen.await(10, SECONDS)).as("handed over").isTrue();
        listener.open.countDown();
        assertThat(listener.told.poll(10, SECONDS)).isEqualTo("QUARANTINED one");
        assertThat(listener.told.poll(10, SECONDS)).isEqualTo("RELEASED one");
    }

    @Test
    void aServiceThatCannotBeHadHoldsUpNoOtherEvent() throws Exception {
        unavailable();
        handlers.add("a", "quick", context -> {});

        assertThat(dispatch("a", "b"))
                .as("a failure of its own: nobody waits for it")
                .isEqualTo(1);
        listener.awaitEntered();
        assertThat(dispatch("a", "b")).isEqualTo(1);
        assertThat(dispatch("a", "quick")).isEqualTo(1);

        assertThat(listener.told).isEmpty();
        listener.open.countDown();
        assertThat(listener.told.poll(10, SECONDS)).isEqualTo("FAILED one");
        assertThat(listener.told.poll(10, SECONDS)).isEqualTo("FAILED one");
    }

    @Test
    void aServiceThatCannotBeHadForLongHoldsUpNoOtherEvent() throws Exception {
        var wanted = new CountDownLatch(1);
        var refused = new CountDownLatch(1);
        Handler handler = handlers.add("app", "one", 0, "a", "b", () -> {
            wanted.countDown();
            refused.await();
            throw new IllegalStateException("no service");
        });
        handler.overdue();
        handlers.add("a", "b", context -> {});
        handlers.add("a", "quick", context -> {});
        var count = TestDispatcher.dispatchAsync(dispatcher, TestDispatcher.message("a", "b"));
        assertThat(wanted.await(10, SECONDS)).isTrue();
        while (dispatcher.handlers().get(1).invoked()
                == 0) { // by another worker: the run was taken from the one that led
            Thread.onSpinWait();
        }

        refused.countDown();

        assertThat(count.get(10, SECONDS)).isEqualTo(2);
        listener.awaitEntered();
        assertThat(dispatch("a", "quick")).isEqualTo(1);
        assertThat(listener.told).isEmpty();
    }

    @Test
    void whatItDoesNotTakeIsCountedInTheLog() throws Exception {
        Handler handler = handlers.add("a", "b", context -> {});
        Facts facts = new Facts(new Reports(log.logger()));
        facts.listener(listener);
        facts.start();
        facts.released(handler);
        listener.awaitEntered(); // with the first, which waits no more
        for (int i = 0; i < SideThread.CAPACITY + 3; i++) {
            facts.released(handler);
        }

        listener.open.countDown();

        assertThat(log.await("warn").text())
                .isEqualTo("3 facts about handlers were not told: a listener blocks [left_out=3]");
        facts.stop();
        assertThat(listener.told).hasSize(1 + SideThread.CAPACITY).contains(Kind.RELEASED + " Handler1");
    }

    @Test
    void whatItDoesNotTakeUntilTheEndIsCountedInTheLogThen() throws Exception {
        Handler handler = handlers.add("a", "b", context -> {});
        Facts facts = new Facts(new Reports(log.logger()));
        facts.listener(listener);
        facts.start();
        facts.released(handler);
        listener.awaitEntered();
        facts.released(handler);
        facts.released(handler);

        facts.stop();

        assertThat(log.warnings())
                .containsExactly("WARN 2 facts about handlers were not told: a listener blocks [left_out=2]");
    }

    @Test
    void whatWaitsForItKeepsNoMoreMessagesThanThereIsRoomFor() throws Exception {
        unavailable();
        String text = "x".repeat(6 << 20);
        for (int n = 0; n < 5; n++) { // the first is in the listener, and two fit
            assertThat(TestDispatcher.dispatchAsync(dispatcher, Message.of("a", "b", Map.of("text", text)))
                            .get(10, SECONDS))
                    .isEqualTo(1);
            listener.awaitEntered();
        }

        listener.open.countDown();

        String line = log.await("warn").text();
        assertThat(line).isEqualTo("2 facts about handlers were not told: a listener blocks [left_out=2]");
        assertThat(listener.told).hasSize(3);
    }

    /** Adds a handler whose service cannot be had, and is waited for no more. */
    private void unavailable() {
        handlers.add("app", "one", 0, "a", "b", () -> {
                    throw new IllegalStateException("no service");
                })
                .overdue();
    }

    private void overrun(GatedHandler handler, String event) throws Exception {
        var count = TestDispatcher.dispatchAsync(dispatcher, TestDispatcher.message("a", event));
        handler.awaitEntered();
        ticker.advance(LIMIT);
        assertThat(count.get(10, SECONDS)).isEqualTo(1);
    }

    private int dispatch(String tract, String event) throws Exception {
        return TestDispatcher.dispatchAsync(dispatcher, TestDispatcher.message(tract, event))
                .get(10, SECONDS);
    }
}
