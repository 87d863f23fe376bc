// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import org.callosum.core.InvocationStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

/** The time limit holds, and events go on, while the log takes nothing. */
@Timeout(60)
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

    private void hangWithTheFirstReportInTheLog() throws Exception {
        handlers.add("a", "first", first);
        handlers.add("a", "second", second);
        handlers.add("a", "quick", context -> {});
        dispatcher.start();
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
