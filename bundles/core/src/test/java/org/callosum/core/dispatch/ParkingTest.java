// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.LongStream;

import org.callosum.api.CallosumEventHandler;
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

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class ParkingTest {
    private final RecordingLogger log = new RecordingLogger();
    private final ManualTicker ticker = new ManualTicker();
    private final InstantSource clock = () -> Instant.EPOCH.plusNanos(ticker.nanos());
    private final Handlers handlers = new Handlers();
    private final Map<String, Answer> whereabouts = new ConcurrentHashMap<>();
    /** How often nobody knows where a handler is. */
    private final AtomicInteger unknowing = new AtomicInteger();

    private final ParkingLimits limits = new ParkingLimits(Duration.ofSeconds(10), 100, 1 << 20);
    private final SerialDispatcher dispatcher = TestDispatcher.of(handlers)
            .where((owner, identity) -> {
                if (unknowing.get() > 0) {
                    unknowing.decrementAndGet();
                    throw new LinkageError("who knows is updated");
                }
                return whereabouts.getOrDefault(identity.name(), Answer.COMING);
            })
            .by(clock)
            .with(limits)
            .with(ticker)
            .with(log)
            .make();
    private final BlockingQueue<Long> seen = new LinkedBlockingQueue<>();
    private final BlockingQueue<Long> seenNext = new LinkedBlockingQueue<>();

    @BeforeEach
    void start() {
        dispatcher.start();
    }

    @AfterEach
    void stop() {
        dispatcher.stop();
    }

    @Test
    void whatMatchesAnAppThatIsAwayIsHandedToItsNextVersionInOrder() throws Exception {
        var first = app("one", seen);
        dispatch(1);
        leave(first, Departure.WITH_BUNDLE);
        dispatch(2);
        dispatch(3);
        assertThat(dispatcher.parked()).singleElement().satisfies(parked -> {
            assertThat(parked.app()).isEqualTo("updated");
            assertThat(parked.events()).isEqualTo(2);
            assertThat(parked.state()).isEqualTo(ParkedStatus.State.AWAY);
        });
        assertThat(dispatcher.handlers()).extracting(HandlerStatus::state).containsExactly(HandlerStatus.State.PARKED);

        arrive(app("one", seenNext));
        dispatch(4);

        assertThat(seen).containsExactly(1L);
        assertThat(take(seenNext, 3)).containsExactly(2L, 3L, 4L);
        assertThat(log.await("info").text())
                .as("the last event may have come when there was nothing before it any more")
                .matches("updated is back after 0.000 s: of ([23]) parked events \\1 were handed over"
                        + " \\[app=updated elapsed_ms=0 parked_events=\\1 handed_over_events=\\1 given_up_events=0]");
        assertThat(dispatcher.parked()).isEmpty();
    }

    @Test
    void whoCannotBeAskedWhereAnAppIsIsAskedAgainAndThatIsSaidOnce() throws Exception {
        unknowing.set(2);
        leave(app("one", seen), Departure.WITH_BUNDLE);
        dispatch(1);
        awaitAsked(1);
        ticker.advance(Duration.ofMillis(5)); // it looks again
        awaitAsked(0);

        arrive(app("one", seenNext));

        assertThat(take(seenNext, 1)).containsExactly(1L);
        assertThat(log.await("error").text())
                .isEqualTo(
                        "What is parked for updated could not be looked after: it is tried again, and said once until it"
                                + " works [app=updated]");
        dispatcher.stop(); // behind it all is said
        assertThat(log.lines("error")).hasSize(1);
    }

    @Test
    void otherAppsGoOn() {
        var away = app("one", seen);
        handlers.add("neighbour", "n", 0, "a", "*", () -> record(seenNext));
        leave(away, Departure.WITH_BUNDLE);

        assertThat(dispatch(1)).as("handlers invoked").isEqualTo(1);
        assertThat(dispatch(2)).isEqualTo(1);

        assertThat(seenNext).containsExactly(1L, 2L);
        assertThat(dispatcher.parked().get(0).events()).isEqualTo(2);
    }

    @Test
    void onlyWhatAFilterTakesIsParkedAndHandedOver() throws Exception {
        leave(appThatWants("two", 2, seen), Departure.WITH_BUNDLE);
        for (long n = 1; n <= 6; n++) {
            dispatch(n);
        }
        assertThat(dispatcher.parked().get(0).events()).as("2, 4 and 6").isEqualTo(3);

        arrive(appThatWants("two", 2, seen));
        dispatch(7);
        dispatch(8);

        assertThat(take(seen, 4)).containsExactly(2L, 4L, 6L, 8L);
    }

    @Test
    void whatIsParkedGoesThroughTheFilterOfTheNewVersion() throws Exception {
        leave(app("one", seen), Departure.WITH_BUNDLE);
        for (long n = 1; n <= 6; n++) {
            dispatch(n);
        }
        assertThat(dispatcher.parked().get(0).events()).isEqualTo(6);

        arrive(appThatWants("one", 3, seenNext));
        assertThat(log.await("warn").text())
                .as("nobody wants four of them any more")
                .isEqualTo("updated is back after 0.000 s: of 6 parked events 2 were handed over, 4 were given up"
                        + " [app=updated elapsed_ms=0 parked_events=6 handed_over_events=2 given_up_events=4]");
        dispatch(9);

        assertThat(take(seenNext, 3)).containsExactly(3L, 6L, 9L);
        assertThat(dispatcher.parkedBefore().get(0).givenUp())
                .as("nobody wants them any more")
                .isEqualTo(4);
    }

    @Test
    void inABundleThatIsAwayEachHandlerGetsWhatItsOwnFilterTakes() throws Exception {
        var two = appThatWants("two", 2, seen);
        var three = appThatWants("three", 3, seenNext);
        leave(two, Departure.WITH_BUNDLE);
        leave(three, Departure.WITH_BUNDLE);
        for (long n = 1; n <= 6; n++) {
            dispatch(n);
        }

        arrive(appThatWants("two", 2, seen));
        arrive(appThatWants("three", 3, seenNext));

        assertThat(take(seen, 3)).containsExactly(2L, 4L, 6L);
        assertThat(take(seenNext, 2)).containsExactly(3L, 6L);
    }

    @Test
    void aBundleThatGoesIsParkedWholeFromItsFirstHandlerOn() throws Exception {
        var first = app("one", seen);
        var second = app("two", seenNext);
        leave(first, Departure.WITH_BUNDLE);
        dispatch(1); // the second one is still there
        leave(second, Departure.WITH_BUNDLE);
        dispatch(2);
        arrive(app("one", seen));
        dispatch(3);
        assertThat(seen).as("its order is the whole bundle's").isEmpty();

        arrive(app("two", seenNext));

        assertThat(take(seen, 3)).containsExactly(1L, 2L, 3L);
        assertThat(take(seenNext, 3)).containsExactly(1L, 2L, 3L);
    }

    @Test
    void aComponentThatIsReplacedAloneLeavesTheOthersOfItsBundleAlone() throws Exception {
        var replaced = app("one", seen);
        app("two", seenNext);
        leave(replaced, Departure.ALONE);
        dispatch(1);
        assertThat(seenNext).containsExactly(1L);
        assertThat(dispatcher.parked().get(0).app()).isEqualTo("updated/one");

        arrive(app("one", seen));

        assertThat(take(seen, 1)).containsExactly(1L);
        assertThat(seenNext).as("got it once").containsExactly(1L);
    }

    @Test
    void whatIsNotBackInTimeIsGivenUpWithAWarning() throws Exception {
        leave(app("one", seen), Departure.WITH_BUNDLE);
        dispatch(1);
        dispatch(2);
        ticker.advance(Duration.ofSeconds(10));

        assertThat(log.await("warn").text())
                .isEqualTo("updated: it did not come back within 10.000 s: 2 parked events are given up"
                        + " [app=updated reason=\"it did not come back within 10.000 s\" given_up_events=2]");
        assertThat(dispatcher.parked()).isEmpty();
        app("one", seenNext);
        assertThat(dispatch(3)).isEqualTo(1);
        assertThat(seenNext).containsExactly(3L);
    }

    @Test
    void whatAnOperatorStopsMeanwhileIsGivenUp() throws Exception {
        leave(app("one", seen), Departure.WITH_BUNDLE);
        dispatch(1);
        whereabouts.put("one", Answer.STOPPED);
        ticker.advance(Duration.ofMillis(10));

        assertThat(log.await("warn").text())
                .isEqualTo("updated: its bundle was stopped or uninstalled: 1 parked events are given up"
                        + " [app=updated reason=\"its bundle was stopped or uninstalled\" given_up_events=1]");
    }

    @Test
    void aHandlerThatTheNextVersionDoesNotHaveGivesUpItsShare() throws Exception {
        var kept = app("kept", seen);
        var dropped = handlers.add("updated", "dropped", 0, "a", "only", () -> record(seenNext));
        leave(kept, Departure.WITH_BUNDLE);
        leave(dropped, Departure.WITH_BUNDLE);
        dispatch(1);
        dispatcher.dispatch(Message.of("a", "only", Map.of("n", 2)));
        arrive(app("kept", seen));
        whereabouts.put("dropped", Answer.UNKNOWN);
        advanceUntilWarned(Duration.ofMillis(250));

        assertThat(take(seen, 2)).containsExactly(1L, 2L);
        assertThat(log.texts("warn"))
                .first()
                .isEqualTo("updated/dropped is no more after the change: its share of 1 parked events is given up"
                        + " [app=updated handler=dropped given_up_events=1]");
    }

    @Test
    void whatNothingAnnouncesIsWaitedForAMoment() throws Exception {
        leave(app("one", seen), Departure.WITH_BUNDLE);
        dispatch(1);
        whereabouts.put("one", Answer.UNKNOWN);
        ticker.advance(Duration.ofMillis(10));
        ticker.advance(Duration.ofMillis(400));
        assertThat(dispatcher.parked()).hasSize(1);
        arrive(app("one", seen));

        assertThat(take(seen, 1)).containsExactly(1L);
    }

    @Test
    void noMoreIsParkedThanTheLimit() throws Exception {
        var away = app("one", seen);
        leave(away, Departure.WITH_BUNDLE);
        for (int i = 0; i < 103; i++) {
            dispatch(i);
        }
        assertThat(dispatcher.parked().get(0).events()).isEqualTo(100);
        arrive(app("one", seen));

        assertThat(take(seen, 100)).isEqualTo(LongStream.range(0, 100).boxed().toList());
        assertThat(log.await("warn").text())
                .isEqualTo("updated is back after 0.000 s: of 100 parked events 100 were handed over, 3 were given up"
                        + " [app=updated elapsed_ms=0 parked_events=100 handed_over_events=100 given_up_events=3]");
    }

    @Test
    void withALimitOfZeroNothingIsParked() {
        dispatcher.apply(Settings.DEFAULT, new ParkingLimits(Duration.ZERO, 100, 1 << 20));
        leave(app("one", seen), Departure.WITH_BUNDLE);

        assertThat(dispatch(1)).isZero();
        assertThat(dispatcher.parked()).isEmpty();
    }

    @Test
    void aHandlerThatLeavesForGoodParksNothing() {
        leave(app("one", seen), Departure.FOR_GOOD);

        assertThat(dispatch(1)).isZero();
        assertThat(dispatcher.parked()).isEmpty();
    }

    @Test
    void anAppThatLeavesAgainWhileItIsHandedItsEventsLosesNone() throws Exception {
        leave(app("one", seen), Departure.WITH_BUNDLE);
        for (int i = 0; i < 50; i++) {
            dispatch(i);
        }
        for (int version = 0; version < 20; version++) {
            var next = app("one", seen);
            arrive(next);
            leave(next, Departure.WITH_BUNDLE);
        }
        arrive(app("one", seen));

        assertThat(take(seen, 50)).isEqualTo(LongStream.range(0, 50).boxed().toList());
        dispatch(50);
        assertThat(take(seen, 1)).containsExactly(50L);
    }

    /** The version that refuses an event has a successor already when that is known. */
    @Test
    void anEventThatIsRefusedByAVersionWhoseSuccessorIsThereAlreadyIsTheSuccessors() throws Exception {
        leave(app("one", seen), Departure.WITH_BUNDLE);
        dispatch(1);
        var asked = new CountDownLatch(1);
        var goes = new CountDownLatch(1);
        var second = handlers.add("updated", "one", 0, "a", "*", () -> {
            asked.countDown();
            goes.await();
            throw new IllegalStateException("deactivating");
        });
        arrive(second);
        assertThat(asked.await(10, SECONDS)).isTrue();
        dispatcher.leaving(second, Departure.WITH_BUNDLE);
        handlers.remove(second);
        var closing = CompletableFuture.runAsync(() -> dispatcher.close(List.of(second)));
        while (!second.closed) {
            Thread.onSpinWait(); // its successor comes when it is closed
        }
        arrive(app("one", seenNext));
        goes.countDown();

        assertThat(take(seenNext, 1)).containsExactly(1L);
        closing.get(10, SECONDS);
    }

    @Test
    void anEventThatFindsTheServiceOfALeavingHandlerGoneIsItsSuccessors() throws Exception {
        var leaving = gone();
        assertThat(dispatch(1)).as("handlers invoked").isZero();
        assertThat(dispatch(2)).isZero();
        leave(leaving, Departure.ALONE);

        arrive(app("one", seen));

        assertThat(take(seen, 2)).containsExactly(1L, 2L);
        dispatcher.stop(); // behind it all is said
        assertThat(log.texts("error")).isEmpty();
    }

    @Test
    void nobodyWaitsForAServiceThatIsGone() {
        gone();
        handlers.add("neighbour", "n", 0, "a", "*", () -> record(seenNext));

        assertThat(dispatch(1)).as("handlers invoked").isEqualTo(1);

        assertThat(seenNext).containsExactly(1L);
    }

    @Test
    void aServiceThatIsBackByItselfHasItsEventsInOrder() throws Exception {
        var broken = new AtomicBoolean(true);
        handlers.add("updated", "one", 0, "a", "*", () -> {
            if (broken.get()) {
                throw new IllegalStateException("deactivating");
            }
            return record(seen);
        });
        dispatch(1);
        broken.set(false);
        dispatch(2);
        ticker.advance(Duration.ofMillis(500));

        assertThat(take(seen, 2)).containsExactly(1L, 2L);
        dispatcher.stop(); // behind it all is said
        assertThat(log.texts("error")).isEmpty();
    }

    @Test
    void aServiceThatStaysAwayIsAFailureOfEachEventThen() throws Exception {
        gone();
        dispatch(1);
        ticker.advance(Duration.ofMillis(500));
        while (dispatcher.parkedBefore().isEmpty()) {
            Thread.onSpinWait();
        }

        assertThat(dispatch(2)).as("handlers invoked, in vain").isEqualTo(1);

        assertThat(dispatcher.handlers().get(0))
                .returns(2L, HandlerStatus::invoked)
                .returns(HandlerStatus.State.FAILED, HandlerStatus::state);
        dispatcher.stop(); // behind it all is said
        assertThat(log.texts("error"))
                .contains("updated/one on a/b failed: the other handlers and later events are not affected"
                        + " [app=updated handler=one service_id=1 tract=a event=b"
                        + " reason=\"java.lang.IllegalStateException: deactivating\"]");
    }

    @Test
    void aHandlerThatIsTakenAwayForGoodWhileItsServiceIsGoneLeavesNothingParked() throws Exception {
        var leaving = gone();
        dispatch(1);
        leave(leaving, Departure.FOR_GOOD);

        assertThat(log.await("warn").text())
                .isEqualTo(
                        "updated/one is back after 0.000 s: of 1 parked events 0 were handed over, 1 were given up"
                                + " [app=updated handler=one elapsed_ms=0 parked_events=1 handed_over_events=0 given_up_events=1]");
        assertThat(dispatcher.parked()).isEmpty();
    }

    /** A handler whose component has begun to deactivate. */
    private Handler gone() {
        return handlers.add("updated", "one", 0, "a", "*", () -> {
            throw new IllegalStateException("deactivating");
        });
    }

    @Test
    void theStopGivesUpWhatIsParked() throws Exception {
        leave(app("one", seen), Departure.WITH_BUNDLE);
        dispatch(1);
        dispatcher.stop();

        assertThat(log.await("warn").text())
                .isEqualTo("updated: the dispatcher stops: 1 parked events are given up"
                        + " [app=updated reason=\"the dispatcher stops\" given_up_events=1]");
    }

    /** Versions come and go as fast as they can while events flow: each event is handled once, in order, by each app. */
    @Test
    void underTrafficNothingIsLostDoubledOrReordered() throws Exception {
        underTraffic(Departure.WITH_BUNDLE, going -> {});
    }

    /** As a component runtime does it: the service gives nothing any more a moment before it is unregistered. */
    @Test
    void underTrafficServicesThatGoBeforeTheirHandlersDoCostNothing() throws Exception {
        underTraffic(Departure.ALONE, going -> going.set(true));
    }

    private void underTraffic(Departure departure, Consumer<AtomicBoolean> beforeItLeaves) throws Exception {
        int events = 30_000;
        dispatcher.apply(Settings.DEFAULT, new ParkingLimits(Duration.ofSeconds(10), events, 1 << 30));
        var ended = new AtomicBoolean();
        var updated = Collections.synchronizedList(new ArrayList<Long>());
        var neighbour = Collections.synchronizedList(new ArrayList<Long>());
        handlers.add("neighbour", "n", 0, "a", "*", () -> (CallosumEventHandler)
                context -> neighbour.add(context.msg().longNumber("n").orElseThrow()));
        CallosumEventHandler handler =
                context -> updated.add(context.msg().longNumber("n").orElseThrow());
        var updates = CompletableFuture.supplyAsync(() -> {
            int count = 0;
            while (!ended.get()) {
                var going = new AtomicBoolean();
                var version = handlers.add("updated", "one", 0, "a", "*", () -> {
                    if (going.get()) {
                        throw new IllegalStateException("deactivating");
                    }
                    return handler;
                });
                dispatcher.arrived(version);
                beforeItLeaves.accept(going);
                leave(version, departure);
                count++;
            }
            dispatcher.arrived(handlers.add("updated", "one", 0, "a", "*", () -> handler));
            return count;
        });
        while (handlers.all().size() + dispatcher.parked().size() < 2) {
            Thread.onSpinWait(); // the first version is there, or away already
        }

        for (int i = 0; i < events; i++) {
            dispatch(i);
        }
        ended.set(true);

        assertThat(updates.get(30, SECONDS)).as("updates").isPositive();
        while (!dispatcher.parked().isEmpty()) {
            Thread.onSpinWait();
        }
        assertThat(faults(neighbour, events)).as("neighbour").isEmpty();
        assertThat(faults(updated, events)).as("updated app").isEmpty();
    }

    /** What is wrong with what a handler saw of the events 0 to n-1: the first few places. */
    private static List<String> faults(List<Long> seen, int events) {
        List<String> faults = new ArrayList<>();
        long expected = 0;
        for (int i = 0; i < seen.size() && faults.size() < 10; i++) {
            long n = seen.get(i);
            if (n != expected) {
                faults.add("place " + i + ": " + n + " instead of " + expected);
            }
            expected = n + 1;
        }
        if (seen.size() != events) {
            faults.add(seen.size() + " instead of " + events);
        }
        return faults;
    }

    private Handler app(String identity, BlockingQueue<Long> queue) {
        return handlers.add("updated", identity, 0, "a", "*", () -> record(queue));
    }

    /** One that wants every so-manieth event. */
    private Handler appThatWants(String identity, long divisor, BlockingQueue<Long> queue) {
        return handlers.add(
                "updated",
                identity,
                "a",
                "*",
                message -> message.longNumber("n").orElseThrow() % divisor == 0,
                () -> record(queue));
    }

    private static CallosumEventHandler record(BlockingQueue<Long> queue) {
        return context -> queue.add(context.msg().longNumber("n").orElseThrow());
    }

    /** Lets time pass in steps, for a span that begins when the parking thread first looks. */
    private void advanceUntilWarned(Duration step) {
        while (log.texts("warn").isEmpty()) {
            if (dispatcher.handlers().stream().noneMatch(handler -> handler.running() > 0)) {
                ticker.advance(step); // not at the cost of what runs
            }
            Thread.onSpinWait();
        }
    }

    /** What the whiteboard does when a service comes: it is in the routes already. */
    private void arrive(Handler handler) {
        dispatcher.arrived(handler);
    }

    /** What the whiteboard does when a service goes. */
    private void leave(Handler handler, Departure departure) {
        dispatcher.leaving(handler, departure);
        handlers.remove(handler);
        dispatcher.close(List.of(handler));
    }

    private int dispatch(long n) {
        return dispatcher.dispatch(Message.of("a", "b", Map.of("n", n)));
    }

    private void awaitAsked(int left) {
        while (unknowing.get() > left) {
            Thread.onSpinWait();
        }
    }

    private static List<Long> take(BlockingQueue<Long> queue, int count) throws InterruptedException {
        List<Long> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Long next = queue.poll(10, SECONDS);
            assertThat(next).as("event %s of %s, after %s", i + 1, count, taken).isNotNull();
            taken.add(next);
        }
        return taken;
    }
}
