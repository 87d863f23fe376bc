// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

import org.callosum.api.EventContext;
import org.callosum.api.Message;
import org.callosum.core.HandlerStatus;
import org.callosum.core.HandlerTimes;
import org.callosum.core.InvocationStatus;
import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventHandler;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.callosum.core.dispatch.TestDispatcher.message;

@Timeout(60)
class SerialDispatcherTest {
    private final RecordingLogger log = new RecordingLogger();
    private final ManualTicker ticker = new ManualTicker();
    private final Handlers handlers = new Handlers();
    private final List<GatedHandler> gated = new ArrayList<>();
    private final SerialDispatcher dispatcher = TestDispatcher.of(handlers)
            .where((owner, identity) -> Whereabouts.Answer.STOPPED)
            .with(ticker)
            .with(log)
            .make();

    @BeforeEach
    void start() {
        dispatcher.start();
    }

    @AfterEach
    void stop() {
        gated.forEach(GatedHandler::letGo);
        dispatcher.stop();
    }

    @Test
    void theCountIsTheNumberOfHandlersInvoked() {
        handlers.add("observe", "observed", context -> {});
        handlers.add("observe", "*", context -> {});
        handlers.add("*", "observed", context -> {});
        handlers.add("*", "*", context -> {});
        handlers.add("cortex", "finish", context -> {});

        assertThat(dispatcher.dispatch(message("observe", "observed"))).isEqualTo(4);
        assertThat(dispatcher.dispatch(message("cortex", "finish"))).isEqualTo(2);
        assertThat(dispatcher.dispatch(message("think", "observed"))).isEqualTo(2);
        assertThat(dispatcher.handlerCount()).isEqualTo(5);
    }

    @Test
    void anEventConcernsWhoListensToItsNames() {
        handlers.add("a", "b", context -> {});
        assertThat(dispatcher.concerns("a", "b")).isTrue();
        assertThat(dispatcher.concerns("a", "c")).isFalse();
        handlers.add("*", "c", context -> {});
        assertThat(dispatcher.concerns("a", "c")).isTrue();
    }

    @Test
    void nothingThatMatchesIsZero() {
        handlers.add("observe", "observed", context -> {});

        assertThat(dispatcher.dispatch(message("observe", "status"))).isZero();
    }

    @Test
    void aHandlerIsNotInvokedForWhatItsFilterRefuses() {
        var seen = new ArrayList<Long>();
        handlers.add(
                "app", "even", "a", "b", SerialDispatcherTest::isEven, () -> typed(context -> seen.add(n(context))));

        for (long n = 1; n <= 4; n++) {
            assertThat(dispatcher.dispatch(Message.of("a", "b", Map.of("n", n))))
                    .isEqualTo(n % 2 == 0 ? 1 : 0);
        }

        assertThat(seen).containsExactly(2L, 4L);
        assertThat(dispatcher.handlers()).extracting(HandlerStatus::invoked).containsExactly(2L);
    }

    private static boolean isEven(Message message) {
        return message.longNumber("n").orElseThrow() % 2 == 0;
    }

    private static long n(EventContext context) {
        return context.msg().longNumber("n").orElseThrow();
    }

    @Test
    void aMissingTractOrEventMatchesWildcardsOnly() {
        handlers.add("observe", "*", context -> {});
        handlers.add("*", "*", context -> {});

        assertThat(dispatcher.dispatch(Message.of(Map.of("day", "20260101")))).isEqualTo(1);
        assertThat(dispatcher.dispatch(Message.of(Map.of("tract", "observe")))).isEqualTo(2);
    }

    @Test
    void theContextHasTheMessageTheAppAndBothNames() {
        var seen = new AtomicReference<EventContext>();
        handlers.add("greeter", 0, "observe", "observed", () -> typed(seen::set));
        var message = Message.of("observe", "observed", Map.of("day", "20260101"));

        dispatcher.dispatch(message);

        assertThat(seen.get().msg()).isSameAs(message);
        assertThat(seen.get().app()).isEqualTo("greeter");
        assertThat(seen.get().tract()).isEqualTo("observe");
        assertThat(seen.get().event()).isEqualTo("observed");
    }

    @Test
    void handlersOfOneAppShareTheirContextAndNobodyElseDoes() {
        Map<String, Set<EventContext>> seen = new ConcurrentHashMap<>();
        for (int i = 0; i < 18; i++) {
            String app = "app" + i % 6; // another object for each handler, as the headers of a bundle give it
            handlers.add(
                    app,
                    0,
                    "observe",
                    "observed",
                    () -> typed(context -> seen.computeIfAbsent(
                                    context.app(),
                                    name -> Collections.synchronizedSet(
                                            Collections.newSetFromMap(new IdentityHashMap<>())))
                            .add(context)));
        }

        assertThat(dispatcher.dispatch(message("observe", "observed"))).isEqualTo(18);

        assertThat(seen).hasSize(6);
        assertThat(seen).allSatisfy((app, contexts) -> assertThat(contexts)
                .singleElement()
                .satisfies(context -> assertThat(context.app()).isEqualTo(app)));
    }

    @Test
    void aPlainHandlerGetsAnEventWithTheFieldsAsProperties() {
        var seen = new AtomicReference<Event>();
        handlers.add("app", 0, "observe", "*", () -> (EventHandler) seen::set);

        dispatcher.dispatch(Message.of("observe", "a.b", Map.of("day", "20260101", "n", 7)));

        assertThat(seen.get().getTopic()).isEqualTo("callosum/observe/a_b");
        assertThat(seen.get().getProperty("day")).isEqualTo("20260101");
        assertThat(seen.get().getProperty("n")).isEqualTo(7L);
        assertThat(EventContext.from(seen.get()).event()).isEqualTo("a.b");
    }

    @Test
    void handlersOfOneEventRunSideBySide() {
        var together = new CountDownLatch(4);
        for (int i = 0; i < 4; i++) {
            handlers.add("a", "b", context -> {
                together.countDown();
                assertThat(together.await(10, SECONDS)).as("all four at once").isTrue();
            });
        }

        assertThat(dispatcher.dispatch(message("a", "b"))).isEqualTo(4);
        dispatcher.stop(); // behind it all is said
        assertThat(log.texts("error")).isEmpty();
    }

    @Test
    void noMoreHandlersThanWorkersRunAtOnce() throws Exception {
        for (int i = 0; i < 5; i++) {
            gated("a", "b");
        }

        var count = dispatchAsync("a", "b");
        for (GatedHandler handler : gated.subList(0, 4)) {
            handler.awaitEntered();
        }
        assertThat(gated.get(4).isEntered()).isFalse();
        gated.get(0).letGo();
        gated.get(4).awaitEntered();
        gated.forEach(GatedHandler::letGo);

        assertThat(count.get(10, SECONDS)).isEqualTo(5);
    }

    @Test
    void theNextEventStartsWhenAllHandlersAreDoneWithThisOne() throws Exception {
        var order = Collections.synchronizedList(new ArrayList<String>());
        var slow = gated("a", "1");
        handlers.add("a", "*", context -> order.add(context.event()));

        var first = dispatchAsync("a", "1");
        slow.awaitEntered();
        var second = dispatchAsync("a", "2");
        assertThat(order).doesNotContain("2");
        slow.letGo();
        first.get(10, SECONDS);
        second.get(10, SECONDS);

        assertThat(order).containsExactly("1", "2");
    }

    @Test
    void aHandlerThatOverrunsHoldsNobodyElseUp() throws Exception {
        var stuck = gated("observe", "observed");
        var seen = new CountDownLatch(1);
        handlers.add("observe", "observed", context -> seen.countDown());

        var count = dispatchAsync("observe", "observed");
        stuck.awaitEntered();
        assertThat(seen.await(10, SECONDS)).isTrue();
        awaitEnded(2);
        ticker.advance(Duration.ofSeconds(30));

        assertThat(count.get(10, SECONDS)).as("handlers invoked").isEqualTo(2);
        assertThat(log.await("warn").text())
                .isEqualTo("app/Handler1 on observe/observed overran after 30.0 s: no longer waited for, it runs on;"
                        + " its worker is replaced [app=app handler=Handler1 service_id=1 tract=observe event=observed"
                        + " elapsed_ms=30000]");
        assertThat(dispatcher.handlers().get(0).timedOut()).isEqualTo(1);
        assertThat(dispatcher.handlers().get(0).running()).isEqualTo(1);
    }

    @Test
    void theLateEndOfAHandlerThatOverranIsLogged() throws Exception {
        var stuck = gated("a", "b");
        var count = dispatchAsync("a", "b");
        stuck.awaitEntered();
        ticker.advance(Duration.ofSeconds(30));
        count.get(10, SECONDS);
        assertThat(log.await("warn").text()).contains("overran after 30.0 s");

        ticker.advance(Duration.ofSeconds(12));
        stuck.letGo();

        assertThat(log.await("warn").text())
                .isEqualTo("app/Handler1 on a/b ended after 42.0 s, long after its time limit:"
                        + " its worker had been replaced"
                        + " [app=app handler=Handler1 service_id=1 tract=a event=b elapsed_ms=42000]");
        assertThat(writtenOff()).isEmpty();
    }

    @Test
    void aTimeoutThatIsNotReachedIsNone() throws Exception {
        var slow = gated("a", "b");
        var count = dispatchAsync("a", "b");
        slow.awaitEntered();
        ticker.advance(Duration.ofMillis(29_999));
        slow.letGo();

        assertThat(count.get(10, SECONDS)).isEqualTo(1);
        assertThat(log.texts("warn")).noneMatch(line -> line.contains("overran"));
        assertThat(dispatcher.handlers().get(0).timedOut()).isZero();
    }

    @Test
    void whatIsPastItsSoftLimitIsShownAsThat() throws Exception {
        var slow = gated("a", "b");
        dispatchAsync("a", "b");
        slow.awaitEntered();
        awaitTaken(1);
        assertThat(dispatcher.slow())
                .extracting(InvocationStatus::isPastSoftLimit)
                .containsExactly(false);

        ticker.advance(Duration.ofSeconds(6)); // a fifth of the time limit

        log.await("warn");
        assertThat(dispatcher.slow())
                .extracting(InvocationStatus::isPastSoftLimit, InvocationStatus::state)
                .containsExactly(tuple(true, InvocationStatus.State.SLOW));
    }

    @Test
    void whatOverranIsShownWithItsStack() throws Exception {
        var stuck = gated("a", "b");
        var count = dispatchAsync("a", "b");
        stuck.awaitEntered();
        ticker.advance(Duration.ofSeconds(30));
        count.get(10, SECONDS);
        ticker.advance(Duration.ofSeconds(5));

        assertThat(writtenOff()).singleElement().satisfies(overrun -> {
            assertThat(overrun.app()).isEqualTo("app");
            assertThat(overrun.handler()).isEqualTo("Handler1");
            assertThat(overrun.tract()).isEqualTo("a");
            assertThat(overrun.event()).isEqualTo("b");
            assertThat(overrun.running()).isEqualTo(Duration.ofSeconds(35));
            assertThat(overrun.thread()).isEqualTo(stuck.thread.getName()).contains("app/Handler1");
            assertThat(overrun.stack()).anyMatch(frame -> frame.getClassName().equals(GatedHandler.class.getName()));
        });
    }

    @Test
    void fourHungHandlersTakeNoWorkerFromTheOthers() throws Exception {
        for (int i = 0; i < 4; i++) {
            gated("hang", "up");
        }
        var together = new CountDownLatch(4);
        for (int i = 0; i < 4; i++) {
            handlers.add("a", "b", context -> {
                together.countDown();
                assertThat(together.await(10, SECONDS))
                        .as("all four workers are there")
                        .isTrue();
            });
        }
        var hung = dispatchAsync("hang", "up");
        for (GatedHandler handler : gated) {
            handler.awaitEntered();
        }
        ticker.advance(Duration.ofSeconds(30));
        assertThat(hung.get(10, SECONDS)).isEqualTo(4);

        assertThat(dispatcher.dispatch(message("a", "b"))).isEqualTo(4);
        assertThat(dispatcher.handlers()).allMatch(handler -> handler.failed() == 0);
        assertThat(writtenOff()).hasSize(4);
    }

    @Test
    void moreHungHandlersThanWorkersHoldAnEventUpForLittleMoreThanOneTimeLimit() throws Exception {
        for (int i = 0; i < 20; i++) {
            gated("hang", "up");
        }
        var count = dispatchAsync("hang", "up");
        for (GatedHandler handler : gated.subList(0, 4)) {
            handler.awaitEntered();
        }
        awaitTaken(4);
        ticker.advance(Duration.ofSeconds(3)); // a tenth of the limit: those that wait get workers of their own
        for (GatedHandler handler : gated.subList(4, 20)) {
            handler.awaitEntered();
        }
        ticker.advance(Duration.ofSeconds(30));

        assertThat(count.get(10, SECONDS)).isEqualTo(20);
        assertThat(dispatcher.handlers()).allMatch(handler -> handler.timedOut() == 1);
    }

    @Test
    void aHandlerThatOnlyWaitedForAWorkerDoesNotTimeOut() throws Exception {
        dispatcher.apply(new Settings(1, Duration.ofSeconds(30)), ParkingLimits.DEFAULT);
        var slow = gated("a", "b");
        var quick = new CountDownLatch(1);
        handlers.add("a", "b", context -> quick.countDown());

        var count = dispatchAsync("a", "b");
        slow.awaitEntered();
        awaitTaken(1);
        ticker.advance(Duration.ofSeconds(30));

        assertThat(count.get(10, SECONDS)).isEqualTo(2);
        assertThat(quick.getCount()).isZero();
        assertThat(dispatcher.handlers()).extracting(HandlerStatus::timedOut).containsExactly(1L, 0L);
    }

    @Test
    void aHandlerThatOverranIsCalledAgainForTheNextEvent() throws Exception {
        var stuck = gated("a", "b");
        var first = dispatchAsync("a", "b");
        stuck.awaitEntered();
        ticker.advance(Duration.ofSeconds(30));
        first.get(10, SECONDS);

        var second = dispatchAsync("a", "b");
        stuck.awaitEntered();
        stuck.letGo();

        assertThat(second.get(10, SECONDS)).isEqualTo(1);
    }

    @Test
    void aShorterTimeLimitHoldsForWhatRunsAlready() throws Exception {
        var stuck = gated("a", "b");
        var count = dispatchAsync("a", "b");
        stuck.awaitEntered();
        ticker.advance(Duration.ofSeconds(2));
        dispatcher.apply(new Settings(4, Duration.ofSeconds(1)), ParkingLimits.DEFAULT);

        assertThat(count.get(10, SECONDS)).isEqualTo(1);
        assertThat(log.await("warn").text()).contains("overran after 2.0 s");
    }

    @Test
    void moreWorkersAreThereAtOnce() throws Exception {
        dispatcher.apply(new Settings(1, Duration.ofSeconds(30)), ParkingLimits.DEFAULT);
        var first = gated("a", "b");
        var second = gated("a", "b");
        var count = dispatchAsync("a", "b");
        first.awaitEntered();
        assertThat(second.isEntered()).isFalse();

        dispatcher.apply(new Settings(2, Duration.ofSeconds(30)), ParkingLimits.DEFAULT);
        second.awaitEntered();
        gated.forEach(GatedHandler::letGo);

        assertThat(count.get(10, SECONDS)).isEqualTo(2);
    }

    @Test
    void startAndStopTwiceIsStartAndStopOnce() {
        handlers.add("a", "b", context -> {});
        dispatcher.start();
        assertThat(dispatcher.isRunning()).isTrue();
        assertThat(dispatcher.dispatch(message("a", "b"))).isEqualTo(1);
        dispatcher.stop();
        dispatcher.stop();
        assertThat(dispatcher.isRunning()).isFalse();
    }

    @Test
    void aStartThatFailsIsTakenBackAndMayBeTriedAgain() {
        handlers.add("a", "b", context -> {});
        Thread starting = Thread.currentThread();
        var fails = new AtomicBoolean(true);
        var failing = new SerialDispatcher(
                handlers::routes,
                () -> {
                    if (Thread.currentThread() == starting && fails.getAndSet(false)) {
                        throw new OutOfMemoryError("by hand");
                    }
                    return handlers.all();
                },
                (owner, identity) -> Whereabouts.Answer.STOPPED,
                new Gaps(InstantSource.system()),
                new Settings(4, Duration.ofSeconds(30)),
                ParkingLimits.DEFAULT,
                ticker,
                log.logger());

        assertThatThrownBy(failing::start).isInstanceOf(OutOfMemoryError.class);
        assertThat(failing.isRunning()).isFalse();
        assertThat(failing.dispatch(message("a", "b"))).isZero();

        failing.start();
        assertThat(failing.dispatch(message("a", "b"))).isEqualTo(1);
        failing.stop();
    }

    @Test
    void whileItIsStoppedNothingIsDispatched() {
        var calls = new AtomicInteger();
        handlers.add("a", "b", context -> calls.incrementAndGet());
        dispatcher.stop();
        assertThat(dispatcher.dispatch(message("a", "b"))).isZero();
        dispatcher.start();
        assertThat(dispatcher.dispatch(message("a", "b"))).isEqualTo(1);
        assertThat(calls).hasValue(1);
    }

    @Test
    void stopWaitsForTheRunningHandlers() throws Exception {
        var slow = gated("a", "b");
        var count = dispatchAsync("a", "b");
        slow.awaitEntered();
        var stopped = CompletableFuture.runAsync(dispatcher::stop);
        assertThat(stopped).isNotDone();
        slow.letGo();
        stopped.get(10, SECONDS);

        assertThat(dispatcher.handlers().get(0).running())
                .as("still running when stop returned")
                .isZero();
        assertThat(count.get(10, SECONDS)).isEqualTo(1);
        assertThat(slow.isInterrupted()).isFalse();
    }

    @Test
    void afterStopNoThreadIsLeft() throws Exception {
        Set<Thread> used = ConcurrentHashMap.newKeySet();
        handlers.add("a", "b", context -> used.add(Thread.currentThread()));
        dispatcher.dispatch(message("a", "b"));
        dispatcher.stop();
        for (Thread thread : used) {
            thread.join(10_000);
            assertThat(thread.isAlive()).isFalse();
        }
    }

    @Test
    void closingAHandlerWaitsForItsRunningInvocation() throws Exception {
        var slow = gated("a", "b");
        var handler = handlers.all().iterator().next();
        var count = dispatchAsync("a", "b");
        slow.awaitEntered();
        handlers.remove(handler);
        var closed = CompletableFuture.runAsync(() -> dispatcher.close(List.of(handler)));
        assertThat(closed).isNotDone();
        slow.letGo();

        closed.get(10, SECONDS);
        assertThat(count.get(10, SECONDS)).isEqualTo(1);
        assertThat(slow.isInterrupted()).as("it was merely slow").isFalse();
        assertThat(handlers.releases).hasValue(handlers.gets.get());
    }

    @Test
    void aClosedHandlerThatOverrunsIsInterrupted() throws Exception {
        var stuck = gated("a", "b");
        var handler = handlers.all().iterator().next();
        var count = dispatchAsync("a", "b");
        stuck.awaitEntered();
        var closed = CompletableFuture.runAsync(() -> dispatcher.close(List.of(handler)));
        awaitClosing(handler);
        ticker.advance(Duration.ofSeconds(30));

        closed.get(10, SECONDS);
        stuck.awaitInterrupted();
        assertThat(count.get(10, SECONDS)).isEqualTo(1);
    }

    @Test
    void aHandlerThatOverranBeforeIsInterruptedWhenItCloses() throws Exception {
        var stuck = gated("a", "b");
        var handler = handlers.all().iterator().next();
        var count = dispatchAsync("a", "b");
        stuck.awaitEntered();
        ticker.advance(Duration.ofSeconds(30));
        count.get(10, SECONDS);
        assertThat(stuck.isInterrupted())
                .as("a slow handler of a bundle that stays")
                .isFalse();

        dispatcher.close(List.of(handler));

        stuck.awaitInterrupted();
    }

    @Test
    void aDispatchUnderWayFinishesAgainstTheHandlersItStartedWith() throws Exception {
        dispatcher.apply(new Settings(1, Duration.ofSeconds(30)), ParkingLimits.DEFAULT);
        var first = gated("a", "b");
        var calls = new AtomicInteger();
        var leaving = handlers.add("a", "b", context -> calls.incrementAndGet());
        var count = dispatchAsync("a", "b");
        first.awaitEntered();
        handlers.remove(leaving);
        var closing = new Thread(() -> dispatcher.close(List.of(leaving)));
        closing.start();
        handlers.add("a", "b", context -> calls.addAndGet(100));
        while (closing.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait(); // until it waits for the handler's turn
        }
        first.letGo();

        assertThat(count.get(10, SECONDS)).isEqualTo(2);
        closing.join(10_000);
        assertThat(closing.isAlive()).isFalse();
        assertThat(calls).as("the leaving one was called, the new one was not").hasValue(1);
    }

    @Test
    void aClosedHandlerIsNotCalledAnyMore() {
        var calls = new AtomicInteger();
        var handler = handlers.add("a", "b", context -> calls.incrementAndGet());
        dispatcher.dispatch(message("a", "b"));
        dispatcher.close(List.of(handler)); // still in the routes: a dispatch may have taken them before

        assertThat(dispatcher.dispatch(message("a", "b"))).isZero();
        assertThat(calls).hasValue(1);
    }

    @Test
    void aWorkerThatRanAClosedHandlersBundleIsRetired() {
        var threads = Collections.synchronizedList(new ArrayList<Thread>());
        var leaving = handlers.add("old", 0, "a", "b", () -> typed(context -> threads.add(Thread.currentThread())));
        handlers.add("new", 0, "a", "c", () -> typed(context -> threads.add(Thread.currentThread())));
        dispatcher.dispatch(message("a", "b"));
        dispatcher.dispatch(message("a", "c"));
        dispatcher.close(List.of(leaving));
        dispatcher.dispatch(message("a", "c"));

        assertThat(threads.get(1))
                .as("one worker is enough for one handler at a time")
                .isSameAs(threads.get(0));
        assertThat(threads.get(2)).isNotSameAs(threads.get(0));
    }

    @Test
    void aServiceThatCannotBeHadIsShownWithItsCauseAndTriedAgain() throws Exception {
        var attempts = new AtomicInteger();
        var called = new CountDownLatch(1);
        handlers.add("app", 0, "a", "b", () -> {
            if (attempts.incrementAndGet() == 1) {
                throw new IllegalStateException("no database");
            }
            return typed(context -> called.countDown());
        });

        assertThat(dispatcher.dispatch(message("a", "b")))
                .as("nothing was invoked yet")
                .isZero();
        assertThat(dispatcher.handlers()).singleElement().satisfies(handler -> {
            assertThat(handler.state()).isEqualTo(HandlerStatus.State.FAILED);
            assertThat(handler.problem()).isEqualTo("no database");
            assertThat(handler.failed()).isZero();
        });
        ticker.advance(ParkingWatch.PUBLISH_TIME);
        assertThat(called.await(10, SECONDS)).isTrue();
        assertThat(dispatcher.handlers().get(0).state()).isEqualTo(HandlerStatus.State.ACTIVE);
    }

    @Test
    void anAttemptThatFailsAfterAnotherHadTheServiceIsForgotten() throws Exception {
        var first = new GatedHandler();
        gated.add(first);
        var attempts = new AtomicInteger();
        var handler = handlers.add("app", 0, "a", "b", () -> {
            if (attempts.incrementAndGet() == 1) {
                first.handle(null);
                throw new IllegalStateException("too early");
            }
            return typed(context -> {});
        });
        dispatcher.arrived(handler);
        first.awaitEntered();
        assertThat(dispatcher.dispatch(message("a", "b"))).isEqualTo(1);

        first.letGo();

        assertThat(log.await("error").failure()).hasMessage("too early");
        assertThat(dispatcher.handlers().get(0).state()).isEqualTo(HandlerStatus.State.ACTIVE);
    }

    @Test
    void aServiceIsGotAheadOfItsFirstEventUnderTheTimeLimit() throws Exception {
        var stuck = new GatedHandler();
        gated.add(stuck);
        var handler = handlers.add("app", 0, "a", "b", () -> {
            stuck.handle(null);
            return typed(context -> {});
        });
        dispatcher.arrived(handler);
        stuck.awaitEntered();
        ticker.advance(Duration.ofSeconds(30));

        assertThat(log.await("warn").text()).startsWith("app/Handler1 activation overran after 30.0 s");
        assertThat(writtenOff()).singleElement().satisfies(overrun -> assertThat(overrun.handler())
                .isEqualTo("Handler1 activation"));
    }

    @Test
    void aServiceThatArrivesAfterItsHandlerWasClosedIsGivenBack() throws Exception {
        var stuck = new GatedHandler();
        gated.add(stuck);
        var handler = handlers.add("app", 0, "a", "b", () -> {
            try {
                stuck.handle(null);
            } catch (InterruptedException e) {
                // goes on all the same
            }
            return typed(context -> {});
        });
        dispatcher.arrived(handler);
        stuck.awaitEntered();
        ticker.advance(Duration.ofSeconds(30));
        log.await("warn");
        dispatcher.close(List.of(handler));
        log.await("warn");

        assertThat(handlers.releases).hasValue(1);
    }

    @Test
    void dispatchesOfSeveralThreadsRunOneAfterTheOther() {
        var running = new AtomicInteger();
        var overlaps = new AtomicInteger();
        var calls = new AtomicInteger();
        handlers.add("a", "*", context -> {
            if (running.incrementAndGet() > 1) {
                overlaps.incrementAndGet();
            }
            calls.incrementAndGet();
            running.decrementAndGet();
        });

        var dispatches = IntStream.range(0, 8)
                .mapToObj(thread -> CompletableFuture.runAsync(() -> {
                    for (int i = 0; i < 500; i++) {
                        dispatcher.dispatch(message("a", "b"));
                    }
                }))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(dispatches).join();

        assertThat(calls).hasValue(4000);
        assertThat(overlaps).hasValue(0);
    }

    @Test
    void handlersThatComeAndGoDuringDispatchesLeaveNothingBehind() {
        var open = new AtomicInteger();
        var dispatching = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 20_000; i++) {
                dispatcher.dispatch(message("a", "b"));
            }
        });
        int rounds = 0;
        while (!dispatching.isDone()) {
            rounds++;
            var closed = new AtomicReference<Boolean>(false);
            var handler = handlers.add("a", "b", context -> {
                if (closed.get()) {
                    open.incrementAndGet();
                }
            });
            handlers.remove(handler);
            dispatcher.close(List.of(handler));
            closed.set(true);
        }
        dispatching.join();

        assertThat(rounds).isPositive();
        assertThat(open).as("calls after close").hasValue(0);
        assertThat(handlers.releases).hasValue(handlers.gets.get());
    }

    @Test
    void theEventsOfASourceAreDispatchedInOrderUntilItIsFollowedNoMore() throws Exception {
        var source = new QueueSource();
        var seen = new LinkedBlockingQueue<Long>();
        handlers.add("a", "b", context -> seen.add(context.msg().longNumber("n").orElseThrow()));
        source.add(1);
        source.add(2);
        dispatcher.follow(source);
        assertThat(List.of(seen.take(), seen.take())).containsExactly(1L, 2L);

        source.add(3);
        dispatcher.wake();
        assertThat(seen.take()).isEqualTo(3);
        dispatcher.unfollow(source);
        source.add(4);
        dispatcher.wake();
        dispatcher.dispatch(message("a", "c"));

        assertThat(seen).isEmpty();
    }

    @Test
    void unfollowReturnsWhenWhatWasTakenIsDispatched() throws Exception {
        var source = new QueueSource();
        var slow = gated("a", "b");
        source.add(1);
        dispatcher.follow(source);
        slow.awaitEntered();
        var unfollowed = CompletableFuture.runAsync(() -> dispatcher.unfollow(source));
        assertThat(unfollowed).isNotDone();
        slow.letGo();
        unfollowed.get(10, SECONDS);

        assertThat(dispatcher.slow()).isEmpty();
    }

    @Test
    void eventsOfASourceAndOfOthersTakeTurns() throws Exception {
        var running = new AtomicInteger();
        var overlaps = new AtomicInteger();
        var calls = new CountDownLatch(2_000);
        handlers.add("a", "b", context -> {
            if (running.incrementAndGet() > 1) {
                overlaps.incrementAndGet();
            }
            running.decrementAndGet();
            calls.countDown();
        });
        var source = new QueueSource();
        for (int i = 0; i < 1_000; i++) {
            source.add(i);
        }
        dispatcher.follow(source);
        for (int i = 0; i < 1_000; i++) {
            assertThat(dispatcher.dispatch(message("a", "b"))).isEqualTo(1);
        }

        assertThat(calls.await(10, SECONDS)).isTrue();
        assertThat(overlaps).hasValue(0);
    }

    @Test
    void aSourceThatFailsOnceIsAskedAgain() throws Exception {
        var source = new QueueSource();
        source.failures.set(1);
        var seen = new CountDownLatch(1);
        handlers.add("a", "b", context -> seen.countDown());
        source.add(1);

        dispatcher.follow(source);

        assertThat(seen.await(10, SECONDS)).isTrue();
        assertThat(log.await("error").text()).startsWith("An event could not be dispatched");
    }

    @Test
    void aSourceThatFindsNoMemoryIsAskedAgain() throws Exception {
        var source = new QueueSource() {
            @Override
            public Message poll() {
                if (failures.getAndSet(0) > 0) {
                    throw new OutOfMemoryError("by hand");
                }
                return super.poll();
            }
        };
        source.failures.set(1);
        var seen = new CountDownLatch(1);
        handlers.add("a", "b", context -> seen.countDown());
        source.add(1);

        dispatcher.follow(source);

        assertThat(seen.await(10, SECONDS)).isTrue();
        assertThat(log.await("error").text()).startsWith("An event could not be dispatched");
    }

    @Test
    void aHandlersOwnTimeLimitHoldsUpToWhatTheOperatorAllows() throws Exception {
        dispatcher.apply(
                new Settings(4, Duration.ofSeconds(30), Duration.ofSeconds(60), 0, false, QuarantineRule.DEFAULT),
                ParkingLimits.DEFAULT);
        int started = 0;
        for (long asked : List.of(5, 45, 90)) {
            var stuck = gated("a", Long.toString(asked));
            Handler handler =
                    handlers.all().stream().reduce((first, second) -> second).orElseThrow();
            handler.reregister(new Registration(
                    handler.registration().subscriptions(),
                    Optional.empty(),
                    Optional.of(Duration.ofSeconds(asked)),
                    0,
                    ""));
            var count = dispatchAsync("a", Long.toString(asked));
            stuck.awaitEntered();
            awaitTaken(++started);
            long limit = Math.min(asked, 60);
            ticker.advance(Duration.ofSeconds(limit).minusMillis(1));
            assertThat(count).isNotDone();
            ticker.advance(Duration.ofMillis(1));

            assertThat(count.get(10, SECONDS)).isEqualTo(1);
            assertThat(log.await("warn").text()).contains("overran after " + limit + ".0 s");
        }
    }

    @Test
    void aSlowHandlerIsReportedOnceWithItsStack() throws Exception {
        var slow = gated("a", "b");
        var count = dispatchAsync("a", "b");
        slow.awaitEntered();
        ticker.advance(Duration.ofSeconds(6)); // a fifth of its limit

        var line = log.await("warn");
        assertThat(line.text())
                .isEqualTo("app/Handler1 on a/b is slow: it has run for 6.0 s, of 30.0 s that it may"
                        + " [app=app handler=Handler1 service_id=1 tract=a event=b elapsed_ms=6000 limit_ms=30000]");
        assertThat(line.failure().getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals(GatedHandler.class.getName()));
        ticker.advance(Duration.ofSeconds(6));
        slow.letGo();
        count.get(10, SECONDS);
        dispatcher.stop();
        assertThat(log.texts("warn")).isEmpty();
    }

    @Test
    void whatOverranLeavesItsStackWithTheHandlerAndIsLoggedOnceAMinute() throws Exception {
        dispatcher.apply(withoutQuarantine(false), ParkingLimits.DEFAULT);
        var stuck = gated("a", "b");
        for (int i = 0; i < 2; i++) {
            var count = dispatchAsync("a", "b");
            stuck.awaitEntered();
            ticker.advance(Duration.ofSeconds(30));
            count.get(10, SECONDS);
        }
        assertThat(log.await("warn").failure().getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals(GatedHandler.class.getName()));
        ticker.advance(Duration.ofSeconds(60));
        var count = dispatchAsync("a", "b");
        stuck.awaitEntered();
        ticker.advance(Duration.ofSeconds(30));
        count.get(10, SECONDS);

        assertThat(log.await("warn").text())
                .contains(
                        "overran after 30.0 s", "(and 1 times more since it was said last) [app=app ", " left_out=1]");
        assertThat(dispatcher.handlers().get(0).times().lastStack())
                .anyMatch(frame -> frame.getClassName().equals(GatedHandler.class.getName()));
        assertThat(dispatcher.handlers().get(0).times().lastOverrun()).isPresent();
    }

    @Test
    void anOverrunIsInterruptedIfThatIsConfigured() throws Exception {
        dispatcher.apply(withoutQuarantine(true), ParkingLimits.DEFAULT);
        var stuck = gated("a", "b");
        var count = dispatchAsync("a", "b");
        stuck.awaitEntered();
        ticker.advance(Duration.ofSeconds(30));

        stuck.awaitInterrupted();
        assertThat(count.get(10, SECONDS)).isEqualTo(1);
    }

    @Test
    void aHandlerSeesWhatItHandlesAndWhenItsTimeIsUp() {
        var handling = new AtomicReference<Message>();
        var deadline = new AtomicReference<Instant>();
        var elsewhere = new AtomicReference<Instant>();
        handlers.add("a", "b", context -> {
            handling.set(dispatcher.handling().orElseThrow());
            deadline.set(context.deadline());
            elsewhere.set(CompletableFuture.supplyAsync(context::deadline).get());
        });
        var message = message("a", "b");
        Instant before = Instant.now();

        dispatcher.dispatch(message);

        assertThat(handling.get()).isSameAs(message);
        assertThat(deadline.get())
                .isBetween(before.plusSeconds(30), Instant.now().plusSeconds(30));
        assertThat(elsewhere.get()).isEqualTo(Instant.MAX);
        assertThat(dispatcher.handling()).isEmpty();
    }

    @Test
    void whoHeldAnEventUpIsKnown() throws Exception {
        var slow = gated("a", "slow");
        handlers.add("other", 0, "a", "quick", () -> typed(context -> {}));
        var source = new QueueSource() {
            @Override
            public long sinceNanos() {
                return 1; // all came at the start
            }
        };
        source.messages.add(message("a", "slow"));
        source.messages.add(message("a", "quick"));
        dispatcher.follow(source);
        slow.awaitEntered();
        awaitTaken(1);
        ticker.advance(Duration.ofSeconds(28));
        log.await("warn"); // it is slow: its place is known
        ticker.advance(Duration.ofMillis(900));
        slow.letGo();
        while (dispatcher.delays().isEmpty()) {
            Thread.onSpinWait(); // until its turn has come
        }

        assertThat(dispatcher.delays()).singleElement().satisfies(delay -> {
            assertThat(delay.event()).isEqualTo("quick");
            assertThat(delay.waited()).isEqualTo(Duration.ofMillis(28_900));
            assertThat(delay.causes()).singleElement().satisfies(cause -> {
                assertThat(cause.app()).isEqualTo("app");
                assertThat(cause.handler()).isEqualTo("Handler1");
                assertThat(cause.tract() + "/" + cause.event()).isEqualTo("a/slow");
                assertThat(cause.waited()).isEqualTo(Duration.ofMillis(28_900));
                assertThat(cause.place()).isNotEmpty();
            });
        });
        HandlerTimes slowTimes = dispatcher.handlers().get(0).times();
        assertThat(slowTimes.delayCaused()).isEqualTo(Duration.ofMillis(28_900));
        assertThat(slowTimes.max()).isEqualTo(Duration.ofMillis(28_900));
        assertThat(slowTimes.maxEvent()).isEqualTo("a/slow");
        assertThat(dispatcher.handlers().get(1).times().delayCaused()).isZero();
    }

    private static Settings withoutQuarantine(boolean interrupts) {
        Duration limit = Duration.ofSeconds(30);
        return new Settings(4, limit, limit, 0, interrupts, new QuarantineRule(0, limit, Duration.ofHours(1), 1, 1));
    }

    private List<InvocationStatus> writtenOff() {
        return dispatcher.slow().stream()
                .filter(each -> each.state() == InvocationStatus.State.WRITTEN_OFF)
                .toList();
    }

    private GatedHandler gated(String tract, String event) {
        var handler = new GatedHandler();
        gated.add(handler);
        handlers.add(tract, event, handler);
        return handler;
    }

    /** Waits until as many runs as that were taken from the worker that leads: so the next handler waits for another one. */
    private void awaitTaken(int runs) {
        while (handlers.all().stream()
                        .filter(handler -> !handler.invocations.isEmpty())
                        .count()
                < runs) {
            Thread.onSpinWait();
        }
    }

    /** Waits until a handler that has returned has also ended for its worker: time that passes then is not its own. */
    private void awaitEnded(long serviceId) {
        while (dispatcher.handlers().stream()
                .anyMatch(handler -> handler.serviceId() == serviceId && handler.running() > 0)) {
            Thread.onSpinWait();
        }
    }

    /** Waits until close has begun: from then on, no dispatch takes the handler. */
    private static void awaitClosing(Handler handler) {
        while (!handler.closed) {
            Thread.onSpinWait();
        }
    }

    private CompletableFuture<Integer> dispatchAsync(String tract, String event) {
        return TestDispatcher.dispatchAsync(dispatcher, message(tract, event));
    }

    private static org.callosum.api.CallosumEventHandler typed(org.callosum.api.CallosumEventHandler handler) {
        return handler;
    }
}
