// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

import org.callosum.api.Message;
import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** Events that wait too long, and what is said of it. */
@Timeout(60)
class HoldUpTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final RecordingLogger log = new RecordingLogger();
    private final ManualTicker ticker = new ManualTicker();
    private final Handlers handlers = new Handlers();
    private final CountDownLatch gate = new CountDownLatch(1);
    private final GatedHandler gated = new GatedHandler();
    private final GatedHandler other = new GatedHandler();
    private final SerialDispatcher dispatcher = TestDispatcher.of(handlers)
            .with(settings(LIMIT))
            .with(ticker)
            .with(log)
            .make();

    /** All that is in it came at the start. */
    private class WaitingSource extends QueueSource {
        @Override
        public long waitingSinceNanos() {
            return messages.isEmpty() ? UNKNOWN : 1;
        }

        @Override
        public long waiting() {
            return messages.size();
        }
    }

    @BeforeEach
    void start() {
        dispatcher.start();
    }

    @AfterEach
    void stop() {
        gate.countDown();
        gated.letGo();
        other.letGo();
        dispatcher.stop();
    }

    @Test
    void theHandlersThatHoldEventsUpAreNamedWithTheirStacksAndTheQueuesDepth() throws Exception {
        Handler first = handlers.add("a", "b", gated);
        Handler second = handlers.add("a", "b", other);
        followThree(new WaitingSource());
        awaitTaken(first);
        awaitTaken(second);
        ticker.advance(LIMIT);

        var line = log.await("warn");
        assertThat(line.text())
                .startsWith("Events are held up: event a/b has been under way for 10.0 s, the oldest of 2 that wait has"
                        + " waited for 10.0 s: ")
                .contains("app/Handler1 on a/b has run for 10.0 s", "app/Handler2 on a/b has run for 10.0 s")
                .matches(".* \\[app=app handler=Handler[12] tract=a event=b elapsed_ms=10000 waiting_events=2"
                        + " oldest_ms=10000]");
        assertThat(line.failure().getStackTrace()).anyMatch(HoldUpTest::isGated);
        assertThat(line.failure().getSuppressed()).singleElement().satisfies(stack -> assertThat(stack.getStackTrace())
                .anyMatch(HoldUpTest::isGated));
    }

    @Test
    void itIsSaidOnceAMinuteAndNotBeforeTheLimit() throws Exception {
        Handler handler = handlers.add("a", "b", gated);
        followThree(new WaitingSource());
        awaitTaken(handler);
        for (int seconds = 1; seconds <= 75; seconds++) {
            ticker.advance(Duration.ofSeconds(1));
            awaitLooks(handler);
        }

        gated.letGo();
        dispatcher.stop(); // all is said then

        assertThat(log.texts("warn")).hasSize(2);
        assertThat(log.texts("warn").get(0)).contains("waited for 10.0 s");
        assertThat(log.texts("warn").get(1)).contains("waited for 70.0 s");
    }

    @Test
    void anEventUnderWayCountsEvenIfNothingWaits() throws Exception {
        Handler handler = handlers.add("a", "b", gated);
        var source = new QueueSource(); // which does not know what waits
        source.add(1);
        dispatcher.follow(source);
        awaitTaken(handler);
        ticker.advance(LIMIT);

        assertThat(log.await("warn").text())
                .isEqualTo(
                        "Events are held up: event a/b has been under way for 10.0 s: app/Handler1 on a/b has run for"
                                + " 10.0 s [app=app handler=Handler1 tract=a event=b elapsed_ms=10000"
                                + " waiting_events=0]");
    }

    @Test
    void howLongAnEventHasBeenUnderWayIsKnownWhileItIs() throws Exception {
        Handler handler = handlers.add("a", "b", gated);
        followThree(new WaitingSource());
        awaitTaken(handler);
        awaitLooks(handler);
        assertThat(dispatcher.underWay()).isZero();

        ticker.advance(LIMIT);
        assertThat(dispatcher.underWay()).isEqualTo(LIMIT);

        gated.letGo();
        while (!dispatcher.underWay().isZero()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void ifNoHandlerHoldsThemUpTheLoopsOwnStackIsGiven() throws Exception {
        var asked = new CountDownLatch(1);
        followThree(new WaitingSource() {
            @Override
            public Message poll() {
                asked.countDown();
                try {
                    gate.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return super.poll();
            }
        });
        asked.await();
        ticker.advance(LIMIT);

        var line = log.await("warn");
        assertThat(line.text())
                .isEqualTo(
                        "Events are held up: the oldest of 3 that wait has waited for 10.0 s: no handler runs for long"
                                + " [waiting_events=3 oldest_ms=10000]");
        assertThat(line.failure()).hasMessageStartingWith("callosum-worker-");
        assertThat(line.failure().getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals(RunLoop.class.getName()));
    }

    @Test
    void zeroIsForEverAndAnotherLimitHoldsAtOnce() throws Exception {
        dispatcher.apply(settings(Duration.ZERO), ParkingLimits.DEFAULT);
        Handler handler = handlers.add("a", "b", gated);
        followThree(new WaitingSource());
        awaitTaken(handler);
        ticker.advance(Duration.ofSeconds(100));
        awaitLooks(handler);

        dispatcher.apply(settings(Duration.ofSeconds(101)), ParkingLimits.DEFAULT);
        ticker.advance(Duration.ofSeconds(1));

        assertThat(log.await("warn").text()).as("the first").contains("waited for 101.0 s");
    }

    private void followThree(QueueSource source) {
        for (int n = 1; n <= 3; n++) {
            source.add(n);
        }
        dispatcher.follow(source);
    }

    private static Settings settings(Duration holdUp) {
        Duration longest = Duration.ofHours(1);
        return new Settings(4, longest, longest, 0, false, QuarantineRule.DEFAULT, holdUp);
    }

    private static boolean isGated(StackTraceElement frame) {
        return frame.getClassName().equals(GatedHandler.class.getName());
    }

    private static void awaitTaken(Handler handler) {
        while (handler.invocations.isEmpty()) {
            Thread.onSpinWait();
        }
    }

    /** Waits until the watchdog has looked since. */
    private void awaitLooks(Handler handler) {
        int before = dispatcher.looks();
        while (dispatcher.looks() - before < 3) {
            Thread.onSpinWait();
        }
        assertThat(handler.invocations).isNotEmpty();
    }
}
