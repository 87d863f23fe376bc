// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.Message;
import org.callosum.core.HandlerStatus;
import org.callosum.core.ParkedStatus;
import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** {@code dispatch.md}, rows 'a handler that hangs again and again' and 'written-off workers'. */
@Timeout(60)
class QuarantineTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final long LIMIT_SECONDS = LIMIT.toSeconds();

    private final RecordingLogger log = new RecordingLogger();
    private final ManualTicker ticker = new ManualTicker();
    private final Handlers handlers = new Handlers();
    private final SerialDispatcher dispatcher = TestDispatcher.of(handlers)
            .with(settings(QuarantineRule.DEFAULT))
            .with(ticker)
            .with(log)
            .make();

    private final Hanging hanging = new Hanging();

    @BeforeEach
    void start() {
        dispatcher.start();
    }

    @AfterEach
    void stop() {
        hanging.letAllGo();
        dispatcher.stop();
    }

    @Test
    void afterThreeTimeoutsInARowItsEventsAreParkedAndNobodyWaitsForItAnyMore() throws Exception {
        Handler handler = handlers.add("app", "H", 0, "a", "b", () -> hanging);
        hang(1);
        hang(2);
        assertThat(state(handler)).isEqualTo(HandlerStatus.State.ACTIVE);
        hang(3);

        assertThat(dispatcher.dispatch(message(4))).as("handlers invoked").isZero();
        assertThat(dispatcher.dispatch(message(5))).isZero();

        assertThat(status(handler)).satisfies(status -> {
            assertThat(status.state()).isEqualTo(HandlerStatus.State.QUARANTINED);
            assertThat(status.problem())
                    .startsWith("in quarantine for 0.0 s, after 3 time-outs in a row and 0 vain trials: its events are"
                            + " parked; it is tried again in 30.0 s");
        });
        assertThat(dispatcher.parked()).singleElement().satisfies(parked -> {
            assertThat(parked.state()).isEqualTo(ParkedStatus.State.QUARANTINED);
            assertThat(parked.app()).isEqualTo("app/H");
            assertThat(parked.events()).isEqualTo(2);
        });
        assertThat(awaitWarning("is in quarantine"))
                .contains("'callosum:release 1'")
                .endsWith(" [app=app handler=H service_id=1 by_hand=false elapsed_ms=0 timeouts=3 vain_trials=0"
                        + " retry_ms=30000]");
    }

    @Test
    void itsNeighboursInTheSameAppGetTheirEvents() throws Exception {
        Handler handler = handlers.add("app", "H", 0, "a", "b", () -> hanging);
        List<Long> seen = Collections.synchronizedList(new ArrayList<>());
        handlers.add("app", "N", 0, "a", "b", () -> seeing(seen));
        quarantine();

        assertThat(dispatcher.dispatch(message(4))).isEqualTo(1);

        assertThat(seen).containsExactly(1L, 2L, 3L, 4L);
        assertThat(state(handler)).isEqualTo(HandlerStatus.State.QUARANTINED);
    }

    @Test
    void aTimeoutAfterASuccessIsTheFirstAgain() throws Exception {
        Handler handler = handlers.add("app", "H", 0, "a", "b", () -> hanging);
        hang(1);
        hang(2);
        hanging.isCured = true;
        dispatcher.dispatch(message(3));
        hanging.letAllGo(); // not too many at once
        awaitNoneWrittenOff();
        hanging.isCured = false;
        hang(4);
        hang(5);

        assertThat(state(handler)).isEqualTo(HandlerStatus.State.ACTIVE);
        assertThat(status(handler).timedOut()).isEqualTo(4);
    }

    @Test
    void aTrialWithTheOldestEventReleasesItOnceNoRunThatOverranIsAlive() throws Exception {
        Handler handler = handlers.add("app", "H", 0, "a", "b", () -> hanging);
        quarantine();
        dispatcher.dispatch(message(4));
        dispatcher.dispatch(message(5));
        hanging.isCured = true;
        ticker.advance(Duration.ofSeconds(60));
        dispatcher.dispatch(message(6)); // the watch has looked by then, or will; the runs that overran are alive
        assertThat(state(handler)).isEqualTo(HandlerStatus.State.QUARANTINED);
        assertThat(hanging.seen).containsExactly(1L, 2L, 3L);

        hanging.letAllGo();
        awaitInfoOf(handler, HandlerStatus.State.ACTIVE);
        dispatcher.dispatch(message(7));
        await(() -> hanging.seen.size() == 7);

        assertThat(hanging.seen).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
    }

    @Test
    void aVainTrialDoublesTheCoolDownAndKeepsTheEvent() throws Exception {
        Handler handler = handlers.add("app", "H", 0, "a", "b", () -> hanging);
        quarantine();
        hanging.letAllGo();
        awaitNoneWrittenOff();
        dispatcher.dispatch(message(4));
        ticker.advance(Duration.ofSeconds(30));
        hanging.awaitEntered(4);
        ticker.advance(LIMIT);
        awaitProblem(handler, "and 1 vain trials");

        assertThat(status(handler).problem()).contains("it is tried again in 60.0 s");
        assertThat(dispatcher.parked().get(0).events()).isEqualTo(1);
        hanging.isCured = true;
        hanging.letAllGo();
        awaitNoneWrittenOff();
        ticker.advance(Duration.ofSeconds(60));
        awaitInfoOf(handler, HandlerStatus.State.ACTIVE);
        assertThat(hanging.seen).containsExactly(1L, 2L, 3L, 4L, 4L);
    }

    @Test
    void anOperatorReleasesItAtOnceButNotWhileARunThatOverranIsAlive() throws Exception {
        Handler handler = handlers.add("app", "H", 0, "a", "b", () -> hanging);
        assertThatThrownBy(() -> dispatcher.release(1)).hasMessage("app/H is in no quarantine");
        assertThatThrownBy(() -> dispatcher.release(7)).hasMessageContaining("no handler with the service id 7");
        quarantine();
        dispatcher.dispatch(message(4));
        assertThatThrownBy(() -> dispatcher.release(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("an invocation of it that overran is still alive");

        hanging.isCured = true;
        hanging.letAllGo();
        awaitNoneWrittenOff();
        dispatcher.release(1);

        dispatcher.dispatch(message(5));
        await(() -> hanging.seen.size() == 5); // it may stand behind what was parked
        assertThat(hanging.seen).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(state(handler)).isEqualTo(HandlerStatus.State.ACTIVE);
    }

    @Test
    void aNewVersionOfItsAppHasWhatWasParked() throws Exception {
        Handler old = handlers.add("app", "H", 0, "a", "b", () -> hanging);
        quarantine();
        dispatcher.dispatch(message(4));

        hanging.letAllGo();
        dispatcher.leaving(old, SerialDispatcher.Departure.WITH_BUNDLE);
        handlers.remove(old);
        dispatcher.close(List.of(old));
        dispatcher.dispatch(message(5));
        List<Long> seen = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch all = new CountDownLatch(3);
        Handler next = handlers.add("app", "H", 0, "a", "b", () -> (CallosumEventHandler) context -> {
            seen.add(context.msg().longNumber("n").orElseThrow());
            all.countDown();
        });
        dispatcher.arrived(next);
        dispatcher.dispatch(message(6));

        assertThat(all.await(10, SECONDS)).isTrue();
        assertThat(seen).containsExactly(4L, 5L, 6L);
    }

    @Test
    void oneThatLeavesForGoodGivesUpWhatWasParked() throws Exception {
        Handler handler = handlers.add("app", "H", 0, "a", "b", () -> hanging);
        quarantine();
        dispatcher.dispatch(message(4));

        hanging.letAllGo();
        dispatcher.leaving(handler, SerialDispatcher.Departure.FOR_GOOD);
        handlers.remove(handler);
        dispatcher.close(List.of(handler));

        await(() -> dispatcher.parked().isEmpty());
        assertThat(dispatcher.parkedBefore().get(0).givenUp()).isEqualTo(1);
    }

    @Test
    void withTooManyWorkersWrittenOffAHandlerThatHangsIsQuarantinedAtOnce() throws Exception {
        dispatcher.apply(
                settings(new QuarantineRule(100, Duration.ofSeconds(30), Duration.ofHours(1), 100, 2)),
                ParkingLimits.DEFAULT);
        Handler first = handlers.add("app", "H", 0, "a", "b", () -> hanging);
        Handler second = handlers.add("app", "I", 0, "a", "c", () -> hanging);
        hang(1);
        assertThat(state(first)).isEqualTo(HandlerStatus.State.ACTIVE);

        hangOn("c", 2);

        assertThat(state(second)).isEqualTo(HandlerStatus.State.QUARANTINED);
        assertThat(state(first)).as("it has not hung since").isEqualTo(HandlerStatus.State.ACTIVE);
    }

    @Test
    void withZeroNobodyIsQuarantined() throws Exception {
        dispatcher.apply(
                settings(new QuarantineRule(0, Duration.ofSeconds(30), Duration.ofHours(1), 1, 1)),
                ParkingLimits.DEFAULT);
        Handler handler = handlers.add("app", "H", 0, "a", "b", () -> hanging);
        for (int n = 1; n <= 5; n++) {
            hang(n);
        }

        assertThat(state(handler)).isEqualTo(HandlerStatus.State.ACTIVE);
    }

    @Test
    void byHandItIsNotTriedHoweverLongItLasts() throws Exception {
        Handler handler = handlers.add("app", "H", 0, "a", "b", () -> hanging);
        hanging.isCured = true;
        dispatcher.dispatch(message(1));

        dispatcher.quarantine(1);
        assertThat(dispatcher.dispatch(message(2))).as("handlers invoked").isZero();
        ticker.advance(Duration.ofHours(10));
        assertThat(dispatcher.dispatch(message(3))).isZero();

        assertThat(status(handler).problem())
                .isEqualTo("in quarantine for 36000.0 s, by hand: its events are parked until it is released");
        assertThat(state(handler)).isEqualTo(HandlerStatus.State.QUARANTINED);
        assertThat(awaitWarning("by hand"))
                .contains(
                        "app/H is in quarantine",
                        "'callosum:release 1'",
                        " [app=app handler=H service_id=1 by_hand=true ");
        assertThat(hanging.seen).containsExactly(1L);

        dispatcher.release(1);
        dispatcher.dispatch(message(4));
        await(() -> hanging.seen.size() == 4);
        assertThat(hanging.seen).containsExactly(1L, 2L, 3L, 4L);
        assertThat(state(handler)).isEqualTo(HandlerStatus.State.ACTIVE);
    }

    @Test
    void byHandOneThatEarnedItIsNotTriedAnyMore() throws Exception {
        Handler handler = handlers.add("app", "H", 0, "a", "b", () -> hanging);
        quarantine();
        dispatcher.dispatch(message(4));
        hanging.isCured = true;
        hanging.letAllGo();
        awaitNoneWrittenOff();

        dispatcher.quarantine(1);
        ticker.advance(Duration.ofHours(10));
        dispatcher.dispatch(message(5));

        assertThat(status(handler).problem()).contains("by hand");
        assertThat(hanging.seen).containsExactly(1L, 2L, 3L);
        dispatcher.release(1);
        await(() -> hanging.seen.size() == 5);
        assertThat(hanging.seen).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void aTrialThatEndsWellAfterSomebodySaidSoDoesNotReleaseIt() throws Exception {
        Handler handler = handlers.add("app", "H", 0, "a", "b", () -> hanging);
        quarantine();
        hanging.letAllGo();
        awaitNoneWrittenOff();
        dispatcher.dispatch(message(4));
        ticker.advance(Duration.ofSeconds(30));
        hanging.awaitEntered(4); // the trial

        dispatcher.quarantine(1);
        hanging.letAllGo();
        dispatcher.dispatch(message(5)); // the trial is over before this

        assertThat(status(handler).problem()).contains("by hand");
        assertThat(dispatcher.parked().get(0).events())
                .as("the trial's event was handled")
                .isEqualTo(1);
    }

    @Test
    void byHandNobodyIsQuarantinedWhoIsNotThereOrNotCalledAnyway() {
        Handler bad = handlers.addBad("app", "service property 'tract' is missing");

        assertThatThrownBy(() -> dispatcher.quarantine(7))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no handler with the service id 7");
        assertThatThrownBy(() -> dispatcher.quarantine(bad.serviceId()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is not called anyway: service property 'tract' is missing");
    }

    @Test
    void byHandNobodyIsQuarantinedWhileHisAppIsAway() {
        Handler leaving = handlers.add("app", "H", 0, "a", "b", () -> hanging);
        dispatcher.leaving(leaving, SerialDispatcher.Departure.WITH_BUNDLE);

        assertThatThrownBy(() -> dispatcher.quarantine(1)).hasMessageContaining("in the middle of an update");

        dispatcher.stop();
        assertThatThrownBy(() -> dispatcher.quarantine(1)).hasMessageContaining("is stopped");
    }

    @Test
    void theCoolDownDoublesUpToItsLimit() {
        QuarantineRule rule = QuarantineRule.DEFAULT;

        assertThat(List.of(
                        rule.coolDown(0), rule.coolDown(1), rule.coolDown(6), rule.coolDown(7), rule.coolDown(10_000)))
                .containsExactly(
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(1920),
                        Duration.ofHours(1),
                        Duration.ofHours(1));
    }

    private void quarantine() throws Exception {
        hang(1);
        hang(2);
        hang(3);
    }

    private void hang(int n) throws Exception {
        hangOn("b", n);
    }

    private void hangOn(String event, int n) throws Exception {
        var count = CompletableFuture.supplyAsync(
                () -> dispatcher.dispatch(Message.of("a", event, Map.of("n", n))), task -> new Thread(task).start());
        hanging.awaitEntered(n);
        ticker.advance(Duration.ofSeconds(LIMIT_SECONDS));
        count.get(10, SECONDS);
    }

    private HandlerStatus status(Handler handler) {
        return dispatcher.handlers().stream()
                .filter(each -> each.serviceId() == handler.serviceId())
                .findAny()
                .orElseThrow();
    }

    private HandlerStatus.State state(Handler handler) {
        return status(handler).state();
    }

    private void awaitInfoOf(Handler handler, HandlerStatus.State state) {
        await(() -> {
            ticker.advance(Duration.ofMillis(1)); // the watch looks again
            return state(handler) == state && dispatcher.parked().isEmpty();
        });
    }

    private void awaitProblem(Handler handler, String part) {
        await(() -> status(handler).problem().contains(part));
    }

    private void awaitNoneWrittenOff() {
        await(() -> dispatcher.slow().isEmpty());
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited for less than 10 s").isLessThan(end);
            Thread.onSpinWait();
        }
    }

    private String awaitWarning(String part) throws InterruptedException {
        while (true) {
            String text = log.await("warn").text();
            if (text.contains(part)) {
                return text;
            }
        }
    }

    private static CallosumEventHandler seeing(List<Long> seen) {
        return context -> seen.add(context.msg().longNumber("n").orElseThrow());
    }

    private static Settings settings(QuarantineRule rule) {
        return new Settings(4, LIMIT, LIMIT, 0, false, rule);
    }

    private static Message message(int n) {
        return Message.of("a", "b", Map.of("n", n));
    }

    /** Hangs, unless it is cured, until it is let go. */
    private static final class Hanging implements CallosumEventHandler {
        final List<Long> seen = Collections.synchronizedList(new ArrayList<>());
        volatile boolean isCured;
        private volatile CountDownLatch gate = new CountDownLatch(1);

        @Override
        public void handle(org.callosum.api.EventContext context) throws InterruptedException {
            CountDownLatch mine = gate;
            seen.add(context.msg().longNumber("n").orElseThrow());
            if (!isCured) {
                mine.await();
            }
        }

        void awaitEntered(long n) {
            await(() -> seen.contains(n));
        }

        /** Those that hang; later ones hang again. */
        void letAllGo() {
            CountDownLatch before = gate;
            gate = new CountDownLatch(1);
            before.countDown();
        }
    }
}
