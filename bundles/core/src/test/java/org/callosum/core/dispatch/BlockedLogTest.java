// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import org.callosum.core.HandlerStatus;
import org.callosum.core.InvocationStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The time limit holds, and events go on, while the log takes nothing.
 *
 * <p>Each test has a thread of its own: one that fails may wait for a lock, which no interrupt ends.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BlockedLogTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final BlockingLogger log = new BlockingLogger(false);
    private final ManualTicker ticker = new ManualTicker();
    private final Handlers handlers = new Handlers();
    private final GatedHandler first = new GatedHandler();
    private final GatedHandler second = new GatedHandler();
    private final Set<Thread> before = threads();
    private final Settings settings = new Settings(4, LIMIT);
    private final SerialDispatcher dispatcher = TestDispatcher.of(handlers)
            .with(settings)
            .with(ticker)
            .with(log.logger())
            .make();

    @AfterEach
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void stop() {
        log.letGo();
        first.letGo();
        second.letGo();
        dispatcher.stop();
    }

    @Test
    void anotherHandlerThatHangsIsWrittenOffAndEventsGoOn() throws Exception {
        hangWithTheFirstReportInTheLog();

        assertThat(overrun(second, "a", "second")).isEqualTo(1);
        assertThat(dispatcher.dispatch(TestDispatcher.message("a", "quick"))).isEqualTo(1);

        assertThat(dispatcher.slow())
                .extracting(InvocationStatus::state)
                .containsExactly(InvocationStatus.State.WRITTEN_OFF, InvocationStatus.State.WRITTEN_OFF);
        assertThat(log.taken().lines()).isEmpty();
    }

    @Test
    void whenItTakesLinesAgainAllThatWasReportedComesInItsOrder() throws Exception {
        hangWithTheFirstReportInTheLog();
        overrun(second, "a", "second");
        awaitLook();
        second.letGo();
        awaitAlive(1);
        log.letGo();

        List<String> lines = List.of(
                log.taken().await("warn").text(),
                log.taken().await("warn").text(),
                log.taken().await("warn").text());
        assertThat(lines.get(0)).startsWith("app/Handler1 on a/first overran after 30.0 s");
        assertThat(lines.get(1)).startsWith("app/Handler2 on a/second overran after 30.0 s");
        assertThat(lines.get(2)).startsWith("app/Handler2 on a/second ended after 30.0 s");
    }

    @Test
    void itDoesNotKeepTheDispatcherFromStoppingAndNoThreadIsLeft() throws Exception {
        hangWithTheFirstReportInTheLog();
        first.letGo();
        awaitAlive(0);

        dispatcher.stop();

        for (Thread thread : threads()) {
            if (!before.contains(thread)) {
                thread.join(TimeUnit.SECONDS.toMillis(10));
                assertThat(thread.isAlive()).as(thread.getName()).isFalse();
            }
        }
    }

    @Test
    void aHandlerThatFailsEndsInItsTimeAndEventsGoOn() throws Exception {
        hangWithTheFirstReportInTheLog();
        handlers.add("a", "failing", context -> {
            throw new IllegalStateException("no file");
        });

        assertThat(dispatch("a", "failing")).isEqualTo(1);
        ticker.advance(LIMIT);
        awaitLook();
        assertThat(dispatch("a", "quick")).isEqualTo(1);

        assertThat(numbers("Handler4")).returns(1L, HandlerStatus::failed).returns(0L, HandlerStatus::timedOut);
        assertThat(dispatcher.slow()).as("of them the first alone").hasSize(1);
        assertThat(log.taken().lines()).isEmpty();
        log.letGo();
        assertThat(log.taken().await("error").text()).startsWith("app/Handler4 on a/failing failed: ");
    }

    @Test
    void aHandlerWhoseFailureCannotBePrintedEndsInItsTime() throws Exception {
        hangWithTheFirstReportInTheLog();
        handlers.add("a", "failing", context -> {
            throw new IllegalStateException() {
                @Override
                public String toString() {
                    throw new StackOverflowError();
                }
            };
        });

        assertThat(dispatch("a", "failing")).isEqualTo(1);

        assertThat(numbers("Handler4")).returns(1L, HandlerStatus::failed).returns(0L, HandlerStatus::timedOut);
        log.letGo();
        assertThat(log.taken().await("error").text())
                .contains("app=app handler=Handler4 ")
                .endsWith(", which cannot be printed\"]");
    }

    @Test
    void whatIsParkedForOneAppAfterTheOtherIsHandedOver() throws Exception {
        hangWithTheFirstReportInTheLog();
        for (String name : List.of("one", "two")) { // the report on the first is in the way of the second
            var seen = new CountDownLatch(1);
            Handler away = handlers.add(name, name, 0, "parked", name, () -> context -> {});
            dispatcher.leaving(away, SerialDispatcher.Departure.WITH_BUNDLE);
            handlers.remove(away);
            assertThat(dispatch("parked", name)).isZero();

            dispatcher.arrived(handlers.add(name, name, 0, "parked", name, () -> context -> seen.countDown()));

            assertThat(seen.await(10, SECONDS)).as("handed over to " + name).isTrue();
        }
        log.letGo();
        assertThat(log.taken().await("info").text()).startsWith("one is back after 0.000 s: of 1 parked events");
        assertThat(log.taken().await("info").text()).startsWith("two is back after 0.000 s: of 1 parked events");
    }

    @Test
    void aSourceThatFailsIsAskedAgain() throws Exception {
        hangWithTheFirstReportInTheLog();
        var seen = new CountDownLatch(1);
        handlers.add("a", "b", context -> seen.countDown());
        var source = new QueueSource();
        source.failures.set(1);
        source.add(1);

        dispatcher.follow(source);

        assertThat(seen.await(10, SECONDS)).isTrue();
        dispatcher.unfollow(source);
        log.letGo();
        assertThat(log.taken().await("error").text()).startsWith("An event could not be dispatched");
    }

    @Test
    void failuresThatFindNoRoomAreCounted() throws Exception {
        hangWithTheFirstReportInTheLog();
        int failing = SideThread.CAPACITY + 5;
        for (int i = 0; i < failing; i++) {
            handlers.add("a", "failing", context -> {
                throw new IllegalStateException("no file");
            });
        }

        assertThat(dispatch("a", "failing")).isEqualTo(failing);
        log.letGo();

        assertThat(log.taken().await("warn").text()).contains(" overran ");
        assertThat(log.taken().await("warn").text())
                .contains(" are missing here: ")
                .endsWith(" [left_out=5]");
        assertThat(log.taken().lines("ERROR")).as("before it").hasSize(SideThread.CAPACITY);
    }

    private HandlerStatus numbers(String name) {
        return dispatcher.handlers().stream()
                .filter(status -> status.name().equals(name))
                .findAny()
                .orElseThrow();
    }

    private int dispatch(String tract, String event) throws Exception {
        return TestDispatcher.dispatchAsync(dispatcher, TestDispatcher.message(tract, event))
                .get(10, SECONDS);
    }

    private void hangWithTheFirstReportInTheLog() throws Exception {
        dispatcher.start(); // first: no activation is under way when time passes
        handlers.add("a", "first", first);
        handlers.add("a", "second", second);
        handlers.add("a", "quick", context -> {});
        assertThat(overrun(first, "a", "first")).isEqualTo(1);
        log.awaitEntered();
    }

    /** Has an event overrun; gives the number of handlers invoked. */
    private int overrun(GatedHandler handler, String tract, String event) throws Exception {
        var count = TestDispatcher.dispatchAsync(dispatcher, TestDispatcher.message(tract, event));
        handler.awaitEntered();
        ticker.advance(LIMIT);
        return count.get(10, SECONDS);
    }

    /** Waits until the watchdog looks again, so that it has reported what it saw before. */
    private void awaitLook() {
        int before = dispatcher.looks();
        while (dispatcher.looks() - before < 2) {
            dispatcher.apply(settings, ParkingLimits.DEFAULT); // has it look, if it sleeps
        }
    }

    private void awaitAlive(int writtenOff) {
        while (dispatcher.slow().size() > writtenOff) {
            Thread.onSpinWait();
        }
    }

    /** Those of dispatchers. */
    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("callosum-"))
                .collect(Collectors.toSet());
    }
}
