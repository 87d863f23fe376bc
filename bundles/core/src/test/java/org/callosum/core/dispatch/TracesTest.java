// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.Message;
import org.callosum.core.Subscription;
import org.callosum.core.Trace;
import org.callosum.core.TracedEvent;
import org.callosum.core.TracedEvent.Call;
import org.callosum.core.TracedEvent.Result;
import org.callosum.core.dispatch.SerialDispatcher.Departure;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

/** What somebody who follows events is told of them. */
@Timeout(60)
class TracesTest {
    private static final Subscription ALL = new Subscription("*", "*");
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final ManualTicker ticker = new ManualTicker();
    private final Handlers handlers = new Handlers();
    private final SerialDispatcher dispatcher = TestDispatcher.of(handlers)
            .with(new Settings(4, LIMIT))
            .with(ticker)
            .make();
    private final GatedHandler gated = new GatedHandler();

    @BeforeEach
    void start() {
        dispatcher.start();
    }

    @AfterEach
    void stop() {
        gated.letGo();
        dispatcher.stop();
    }

    @Test
    void eachHandlersRunIsToldWithWhatCameOfItAndWhatItEmitted() throws Exception {
        handlers.add(
                "one",
                "Good",
                2,
                "a",
                "b",
                () -> typed(context -> {
                    ticker.advance(Duration.ofMillis(3));
                    dispatcher.emitted(Message.of("c", "d", Map.of()));
                    dispatcher.emitted(Message.of("c", "e", Map.of()));
                }));
        handlers.add(
                "two",
                "Bad",
                1,
                "a",
                "b",
                () -> typed(context -> {
                    throw new IllegalStateException("no\u001b disk");
                }));
        Trace trace = dispatcher.trace(new Subscription("a", "*"), 1, false);
        dispatcher.dispatch(message("x", "b"));

        dispatcher.dispatch(message("a", "b"));

        TracedEvent event = next(trace);
        assertThat(event.tract() + "/" + event.event()).isEqualTo("a/b");
        assertThat(event.queued()).as("nobody knows").isEmpty();
        assertThat(event.message()).as("was not asked for").isEmpty();
        assertThat(event.took()).isEqualTo(Duration.ofMillis(3));
        assertThat(event.calls())
                .extracting(Call::app, Call::handler, Call::result, Call::took, Call::after)
                .containsExactly(
                        tuple("one", "Good", Result.ENDED, Duration.ofMillis(3), Duration.ZERO),
                        tuple("two", "Bad", Result.FAILED, Duration.ZERO, Duration.ofMillis(3)));
        assertThat(event.calls().get(0).emitted()).containsExactly("c/d", "c/e");
        assertThat(event.calls().get(0).thread()).startsWith("callosum-worker-");
        assertThat(event.calls().get(1).failure()).isEqualTo("java.lang.IllegalStateException: no\\u001b disk");
        assertThat(event.calls().get(1).emitted()).isEmpty();
    }

    @Test
    void afterAsManyAsWereAskedForItIsOverAndNothingIsLookedAtAnyMore() throws Exception {
        Trace trace = dispatcher.trace(ALL, 2, false);
        for (String event : List.of("1", "2", "3")) {
            dispatcher.dispatch(message("a", event));
        }

        assertThat(trace.isOver()).as("two are to be taken").isFalse();
        assertThat(next(trace).event()).isEqualTo("1");
        assertThat(next(trace).event()).isEqualTo("2");
        assertThat(trace.isOver()).isTrue();
        assertThat(trace.next(PATIENCE)).isEmpty();
        assertThat(dispatcher.concerns("a", "3"))
                .as("the bus hands on what nobody listens to")
                .isFalse();
    }

    @Test
    void anEventThatNobodyListensToIsOfInterestWhileItIsFollowed() throws Exception {
        assertThat(dispatcher.concerns("a", "b")).isFalse();
        try (Trace trace = dispatcher.trace(ALL, 5, false)) {
            assertThat(dispatcher.concerns("a", "b")).isTrue();
            dispatcher.dispatch(message("a", "b"));
            assertThat(next(trace).calls()).isEmpty();
        }
        assertThat(dispatcher.concerns("a", "b")).isFalse();
    }

    @Test
    void howLongItWaitedInTheQueueIsTold() throws Exception {
        QueueSource source = new QueueSource() {
            @Override
            public long sinceNanos() {
                return ticker.nanos() - 5_000_000;
            }
        };
        handlers.add("a", "b", context -> {});
        Trace trace = dispatcher.trace(ALL, 1, true);
        source.add(1);

        dispatcher.follow(source);

        TracedEvent event = next(trace);
        assertThat(event.queued()).contains(Duration.ofMillis(5));
        assertThat(event.message().orElseThrow().longNumber("n")).contains(1L);
        dispatcher.unfollow(source);
    }

    @Test
    void aHandlerThatOverrunsIsToldWhenItIsNotWaitedForAnyMoreAndThoseBehindItToo() throws Exception {
        handlers.add("app", "Hung", 1, "a", "b", () -> gated);
        handlers.add("app", "Next", 0, "a", "b", () -> typed(context -> {}));
        Trace trace = dispatcher.trace(ALL, 1, false);
        CompletableFuture<Integer> dispatched = TestDispatcher.dispatchAsync(dispatcher, message("a", "b"));
        gated.awaitEntered();
        assertThat(trace.underWay())
                .singleElement()
                .satisfies(event -> assertThat(event.calls().get(0).result()).isEqualTo(Result.RUNNING));

        ticker.advance(LIMIT);
        dispatched.get(10, SECONDS);

        TracedEvent event = next(trace);
        assertThat(event.calls())
                .extracting(Call::handler, Call::result)
                .containsExactly(tuple("Hung", Result.TIMED_OUT), tuple("Next", Result.ENDED));
        assertThat(event.calls().get(0).took()).isEqualTo(LIMIT);
        assertThat(trace.underWay()).isEmpty();
    }

    @Test
    void aServiceThatCannotBeHadIsToldWithItsCause() throws Exception {
        dispatcher.apply(new Settings(4, LIMIT), new ParkingLimits(Duration.ZERO, 0, 0));
        handlers.add("app", 0, "a", "b", () -> {
            throw new IllegalStateException("no camera");
        });
        Trace trace = dispatcher.trace(ALL, 1, false);

        dispatcher.dispatch(message("a", "b"));

        assertThat(next(trace).calls()).singleElement().satisfies(call -> {
            assertThat(call.result()).isEqualTo(Result.UNAVAILABLE);
            assertThat(call.failure()).contains("no camera");
        });
    }

    @Test
    void forWhomItIsParkedIsToldAndWhenItIsHandedOver() throws Exception {
        handlers.add("app", "Held", 0, "a", "b", () -> typed(context -> {}));
        dispatcher.quarantine(1);
        Trace trace = dispatcher.trace(ALL, 2, false);

        dispatcher.dispatch(message("a", "b"));
        dispatcher.release(1);

        TracedEvent parked = next(trace);
        assertThat(parked.parked()).containsExactly("app/Held");
        assertThat(parked.calls()).isEmpty();
        TracedEvent handedOver = next(trace);
        assertThat(handedOver.wasParked()).isTrue();
        assertThat(handedOver.parked()).isEmpty();
        assertThat(handedOver.calls()).extracting(Call::handler).containsExactly("Held");
    }

    @Test
    void aHandlerThatLeavesBeforeItsTurnIsToldToHaveLeft() throws Exception {
        List<Handler> leaving = new ArrayList<>();
        handlers.add(
                "first",
                "First",
                1,
                "a",
                "b",
                () -> typed(context -> {
                    leaving.get(0).closed = true; // at once, before anybody finds this slow
                    dispatcher.leaving(leaving.get(0), Departure.ALONE);
                }));
        leaving.add(handlers.add("second", "Second", 0, "a", "b", () -> typed(context -> {})));
        Trace trace = dispatcher.trace(ALL, 1, false);

        dispatcher.dispatch(message("a", "b"));

        assertThat(next(trace).calls())
                .extracting(Call::handler, Call::result)
                .containsExactly(tuple("First", Result.ENDED), tuple("Second", Result.LEFT));
    }

    @Test
    void whatNobodyTakesIsDroppedAndCounted() throws Exception {
        Trace trace = dispatcher.trace(ALL, 2_000, false);
        for (int i = 0; i < 1_003; i++) {
            dispatcher.dispatch(message("a", "b"));
        }

        assertThat(trace.takeDropped()).isEqualTo(3);
        assertThat(trace.takeDropped()).isZero();
        trace.close();
    }

    @Test
    void messagesAreKeptUpToALimit() throws Exception {
        Trace trace = dispatcher.trace(ALL, 100, true);
        Message large = Message.of("a", "b", Map.of("text", "x".repeat(1 << 20)));
        for (int i = 0; i < 10; i++) {
            dispatcher.dispatch(large);
        }

        assertThat(trace.takeDropped()).isEqualTo(7);
        trace.close();
    }

    @Test
    void oneThatIsClosedOrWhoseDispatcherStopsGivesNothingMore() throws Exception {
        Trace closed = dispatcher.trace(ALL, 5, false);
        closed.close();
        closed.close();
        dispatcher.dispatch(message("a", "b"));
        assertThat(closed.next(PATIENCE)).isEmpty();
        assertThat(closed.isOver()).isTrue();

        Trace open = dispatcher.trace(ALL, 5, false);
        CompletableFuture<Optional<TracedEvent>> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return open.next(Duration.ofMinutes(1));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        dispatcher.stop();
        assertThat(waiting.get(10, SECONDS)).isEmpty();
        assertThat(open.isOver()).isTrue();
    }

    @Test
    void nobodyOpensMoreThanThereMayBe() {
        List<Trace> all = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            all.add(dispatcher.trace(ALL, 1, false));
        }

        assertThatThrownBy(() -> dispatcher.trace(ALL, 1, false))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("16 traces already");
        assertThatThrownBy(() -> dispatcher.trace(ALL, 0, false)).isInstanceOf(IllegalStateException.class);
        all.forEach(Trace::close);
        assertThatThrownBy(() -> dispatcher.trace(ALL, 0, false)).isInstanceOf(IllegalArgumentException.class);
        dispatcher.trace(ALL, 1, false).close();
    }

    private static TracedEvent next(Trace trace) throws InterruptedException {
        return trace.next(PATIENCE).orElseThrow(() -> new AssertionError("no event within " + PATIENCE));
    }

    /** A handler of ours, for a lambda would be a plain one. */
    private static CallosumEventHandler typed(CallosumEventHandler handler) {
        return handler;
    }

    private static Message message(String tract, String event) {
        return TestDispatcher.message(tract, event);
    }
}
