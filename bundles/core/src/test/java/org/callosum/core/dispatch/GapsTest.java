// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.Gap;
import org.callosum.api.Gap.Reason;
import org.callosum.api.GapListener;
import org.callosum.api.Message;
import org.callosum.core.HandlerStatus;
import org.callosum.core.ParkedStatus;
import org.callosum.core.dispatch.SerialDispatcher.Departure;
import org.callosum.core.dispatch.Whereabouts.Answer;
import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventHandler;

import static org.assertj.core.api.Assertions.assertThat;

/** What a handler is told of events that it will never get. */
@Timeout(60)
class GapsTest {
    private final RecordingLogger log = new RecordingLogger();
    private final ManualTicker ticker = new ManualTicker();
    private final InstantSource clock = () -> Instant.EPOCH.plusNanos(ticker.nanos() - 1);
    private final Handlers handlers = new Handlers();
    private volatile Answer whereabouts = Answer.COMING;
    private final SerialDispatcher dispatcher = TestDispatcher.of(handlers)
            .where((owner, identity) -> whereabouts)
            .by(clock)
            .with(new ParkingLimits(Duration.ofSeconds(10), 3, 1 << 20))
            .with(ticker)
            .with(log)
            .make();
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    @BeforeEach
    void start() {
        dispatcher.start();
    }

    @AfterEach
    void stop() {
        dispatcher.stop();
    }

    @Test
    void itIsToldRightBeforeTheNextEventAndOnce() throws Exception {
        listening("one");
        dispatcher.lost(message(1), Reason.QUEUE_FULL);
        ticker.advance(Duration.ofSeconds(2));
        dispatcher.lost(message(2), Reason.QUEUE_FULL);
        assertThat(told).as("before its next event").isEmpty();

        dispatch(3);
        dispatch(4);

        assertThat(told)
                .containsExactly(
                        "one: 2 events from 1970-01-01T00:00:00Z to 1970-01-01T00:00:02Z (QUEUE_FULL)",
                        "one: 3",
                        "one: 4");
    }

    @Test
    void onlyThoseAreToldWhomTheEventWasFor() throws Exception {
        listening("one");
        dispatcher.lost(Message.of("other", "event", Map.of()), Reason.QUEUE_FULL);

        dispatch(1);

        assertThat(told).containsExactly("one: 1");
    }

    @Test
    void whatAHandlersFilterRefusesIsNoneOfItsGaps() throws Exception {
        listeningToEven("one");
        dispatcher.lost(message(1), Reason.QUEUE_FULL);
        dispatcher.lost(message(2), Reason.QUEUE_FULL);
        dispatcher.lost(message(3), Reason.QUEUE_FULL);

        dispatch(4);

        assertThat(told)
                .containsExactly(
                        "one: 1 events from 1970-01-01T00:00:00Z to 1970-01-01T00:00:00Z (QUEUE_FULL)", "one: 4");
    }

    @Test
    void ofWhatWasParkedAndGivenUpAHandlerIsToldWhatItsFilterTakes() throws Exception {
        Handler even = listeningToEven("even");
        Handler all = listening("all");
        leave(even, Departure.WITH_BUNDLE);
        leave(all, Departure.WITH_BUNDLE);
        for (long n = 1; n <= 3; n++) {
            dispatch(n);
        }
        ticker.advance(Duration.ofSeconds(10));
        log.await("warn"); // given up
        listeningToEven("even");
        listening("all");

        dispatch(4);

        String span = " from 1970-01-01T00:00:00Z to 1970-01-01T00:00:00Z (PARKING_LIMIT)";
        assertThat(take(4))
                .containsExactlyInAnyOrder("even: 1 events" + span, "all: 3 events" + span, "even: 4", "all: 4");
    }

    @Test
    void aGapOfUnknownSizeIsForEverybodyThereAndParked() throws Exception {
        listening("one");
        Handler away = listening("two");
        leave(away, Departure.WITH_BUNDLE);
        dispatcher.lost(new Gap(Reason.BUS_AWAY, OptionalLong.empty(), clock.instant(), clock.instant()));
        arrive("two");

        dispatch(1);

        String gap = "an unknown number of events from 1970-01-01T00:00:00Z to 1970-01-01T00:00:00Z (BUS_AWAY)";
        assertThat(take(4)).containsSubsequence("one: " + gap, "one: 1").containsSubsequence("two: " + gap, "two: 1");
    }

    @Test
    void eachReasonIsToldByItself() throws Exception {
        listening("one");
        dispatcher.lost(message(1), Reason.QUEUE_FULL);
        dispatcher.lost(new Gap(Reason.BUS_AWAY, OptionalLong.empty(), clock.instant(), clock.instant()));

        dispatch(2);

        assertThat(take(3)).filteredOn(line -> line.endsWith(")")).hasSize(2);
        assertThat(told).isEmpty();
    }

    @Test
    void whatMayHaveBeenAnyNumberIsNotCounted() throws Exception {
        listening("one");
        dispatcher.lost(new Gap(Reason.BUS_AWAY, OptionalLong.of(3), clock.instant(), clock.instant()));
        dispatcher.lost(new Gap(Reason.BUS_AWAY, OptionalLong.empty(), clock.instant(), clock.instant()));

        dispatch(2);

        assertThat(take(1).get(0)).startsWith("one: an unknown number of events");
    }

    @Test
    void theNextVersionIsToldWhatFoundNoPlaceInTheParking() throws Exception {
        leave(listening("one"), Departure.WITH_BUNDLE);
        for (int i = 1; i <= 5; i++) {
            dispatch(i);
        }
        arrive("one");

        assertThat(take(4))
                .containsExactly(
                        "one: 2 events from 1970-01-01T00:00:00Z to 1970-01-01T00:00:00Z (PARKING_LIMIT)",
                        "one: 1",
                        "one: 2",
                        "one: 3");
    }

    @Test
    void whatFoundNoPlaceIsCountedForAnOperatorAtOnce() {
        leave(listening("one"), Departure.WITH_BUNDLE);
        for (int i = 1; i <= 6; i++) {
            dispatch(i);
        }
        assertThat(dispatcher.parked()).extracting(ParkedStatus::givenUp).containsExactly(3L);
        dispatch(7);
        dispatch(8);

        assertThat(dispatcher.parked()).extracting(ParkedStatus::givenUp).containsExactly(5L);
    }

    @Test
    void aSmallEventHasTheRoomThatALargeOneHasNot() throws Exception {
        int small = message(1).toUtf8().remaining();
        dispatcher.apply(Settings.DEFAULT, new ParkingLimits(Duration.ofSeconds(10), 100, 2 * small));
        leave(listening("one"), Departure.WITH_BUNDLE);
        dispatch(1);
        dispatch(1_000_000);
        dispatch(2_000_000);
        dispatch(2);
        dispatch(3);
        arrive("one");

        assertThat(take(3))
                .containsExactly(
                        "one: 3 events from 1970-01-01T00:00:00Z to 1970-01-01T00:00:00Z (PARKING_LIMIT)",
                        "one: 1",
                        "one: 2");
    }

    @Test
    void withMoreRoomTheNextEventIsKept() throws Exception {
        leave(listening("one"), Departure.WITH_BUNDLE);
        for (int i = 1; i <= 5; i++) {
            dispatch(i);
        }
        dispatcher.apply(Settings.DEFAULT, new ParkingLimits(Duration.ofSeconds(10), 4, 1 << 20));
        dispatch(6);
        arrive("one");

        assertThat(take(5))
                .containsExactly(
                        "one: 2 events from 1970-01-01T00:00:00Z to 1970-01-01T00:00:00Z (PARKING_LIMIT)",
                        "one: 1",
                        "one: 2",
                        "one: 3",
                        "one: 6");
    }

    @Test
    void oneThatLeftForGoodWhileItWasParkedOwesNothingToItsSuccessor() throws Exception {
        Handler first = listening("one");
        leave(first, Departure.WITH_BUNDLE);
        for (int i = 1; i <= 5; i++) {
            dispatch(i);
        }
        dispatcher.forget(first.owner().bundleId());
        arrive("one");

        assertThat(take(3)).containsExactly("one: 1", "one: 2", "one: 3");
    }

    @Test
    void aHandlerThatComesWhileOthersAreParkedGetsTheNextEventOfTheSameName() throws Exception {
        leave(listening("one"), Departure.ALONE);
        handlers.add("others", "two", 0, "a", "*", () -> new Listening("two"));
        dispatch(1);
        handlers.add("others", "three", 0, "a", "*", () -> new Listening("three"));

        dispatch(2);

        assertThat(take(3)).containsExactlyInAnyOrder("two: 1", "two: 2", "three: 2");
    }

    @Test
    void aHandlerIsToldAgainOfWhatItMissesAgain() throws Exception {
        listening("one");
        for (int i = 1; i <= 4; i += 2) {
            dispatcher.lost(message(i), Reason.QUEUE_FULL);
            dispatch(i + 1);
        }

        String gap = "one: 1 events from 1970-01-01T00:00:00Z to 1970-01-01T00:00:00Z (QUEUE_FULL)";
        assertThat(take(4)).containsExactly(gap, "one: 2", gap, "one: 4");
    }

    @Test
    void oneThatIsBackTooLateIsToldWhatWasGivenUp() throws Exception {
        leave(listening("one"), Departure.WITH_BUNDLE);
        dispatch(1);
        ticker.advance(Duration.ofSeconds(4));
        dispatch(2);
        ticker.advance(Duration.ofSeconds(6));
        log.await("warn");
        arrive("one");

        dispatch(3);

        assertThat(take(2))
                .containsExactly(
                        "one: 2 events from 1970-01-01T00:00:00Z to 1970-01-01T00:00:04Z (PARKING_LIMIT)", "one: 3");
    }

    @Test
    void whatAnOperatorStoppedIsToldNothingWhenItIsStartedAgain() throws Exception {
        leave(listening("one"), Departure.WITH_BUNDLE);
        dispatch(1);
        whereabouts = Answer.STOPPED;
        ticker.advance(Duration.ofMillis(10));
        log.await("warn");
        arrive("one");

        dispatch(2);

        assertThat(take(1)).containsExactly("one: 2");
    }

    @Test
    void aHandlerThatLeftForGoodOwesNothingToItsSuccessor() throws Exception {
        Handler first = listening("one");
        dispatcher.lost(message(1), Reason.QUEUE_FULL);
        leave(first, Departure.FOR_GOOD);
        arrive("one");

        dispatch(2);

        assertThat(take(1)).containsExactly("one: 2");
    }

    @Test
    void anUninstalledBundleIsForgotten() throws Exception {
        Handler first = listening("one");
        dispatcher.lost(message(1), Reason.QUEUE_FULL);
        dispatcher.forget(first.owner().bundleId());

        dispatch(2);

        assertThat(take(1)).containsExactly("one: 2");
    }

    @Test
    void aCallbackThatFailsCostsTheEventNothing() throws Exception {
        handlers.add("app", "one", 0, "a", "*", () -> new Listening("one") {
            @Override
            public void gap(Gap gap) {
                throw new IllegalStateException("cannot be mended");
            }
        });
        dispatcher.lost(message(1), Reason.QUEUE_FULL);

        dispatch(2);

        assertThat(take(1)).containsExactly("one: 2");
        assertThat(log.await("error").text())
                .isEqualTo(
                        "app/one on a/b failed when it was told of a gap: the event is handed over all the same"
                                + " [app=app handler=one service_id=1 tract=a event=b reason=\"java.lang.IllegalStateException: cannot be mended\"]");
        assertThat(dispatcher.handlers()).extracting(HandlerStatus::failed).containsExactly(1L);
    }

    @Test
    void aPlainHandlerThatDoesNotWantToKnowGetsItsEvents() throws Exception {
        handlers.add("app", "one", 0, "a", "*", () -> event -> told.add(event.getTopic()));
        dispatcher.lost(message(1), Reason.QUEUE_FULL);

        dispatch(2);

        assertThat(take(1)).containsExactly("callosum/a/b");
    }

    @Test
    void aPlainHandlerMayListenToGapsToo() throws Exception {
        class Plain implements EventHandler, GapListener {
            @Override
            public void gap(Gap gap) {
                told.add(gap.reason().toString());
            }

            @Override
            public void handleEvent(Event event) {
                told.add(event.getTopic());
            }
        }
        handlers.add("app", "one", 0, "a", "*", Plain::new);
        dispatcher.lost(message(1), Reason.QUEUE_FULL);

        dispatch(2);

        assertThat(take(2)).containsExactly("QUEUE_FULL", "callosum/a/b");
    }

    private class Listening implements CallosumEventHandler, GapListener {
        private final String name;

        Listening(String name) {
            this.name = name;
        }

        @Override
        public void gap(Gap gap) {
            told.add(name + ": " + gap);
        }

        @Override
        public void handle(EventContext context) {
            told.add(name + ": " + context.msg().longNumber("n").orElseThrow());
        }
    }

    private Handler listening(String name) {
        return handlers.add("app", name, 0, "a", "*", () -> new Listening(name));
    }

    private Handler listeningToEven(String name) {
        return handlers.add(
                "app",
                name,
                "a",
                "*",
                message -> message.longNumber("n").orElseThrow() % 2 == 0,
                () -> new Listening(name));
    }

    private void arrive(String name) {
        dispatcher.arrived(listening(name));
    }

    private void leave(Handler handler, Departure departure) {
        dispatcher.leaving(handler, departure);
        handlers.remove(handler);
        dispatcher.close(List.of(handler));
    }

    private void dispatch(long n) {
        dispatcher.dispatch(message(n));
    }

    private static Message message(long n) {
        return Message.of("a", "b", Map.of("n", n));
    }

    private List<String> take(int count) throws InterruptedException {
        var taken = new java.util.ArrayList<String>();
        for (int i = 0; i < count; i++) {
            String next = told.poll(10, TimeUnit.SECONDS);
            assertThat(next).as("%s of %s, after %s", i + 1, count, taken).isNotNull();
            taken.add(next);
        }
        return taken;
    }
}
