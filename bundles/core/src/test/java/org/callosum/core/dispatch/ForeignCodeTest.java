// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

import org.callosum.api.CallosumEventHandler;
import org.callosum.core.HandlerFailure;
import org.callosum.core.HandlerStatus;
import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.osgi.service.log.Logger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.callosum.core.dispatch.TestDispatcher.message;

/**
 * What handlers do that no handler should, and what becomes of it: of the handler, of the others, of the next event. What takes a
 * framework, such as a handler that stops its own bundle, is among the cases that run in containers.
 */
@Timeout(60)
class ForeignCodeTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

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

    // What it throws.

    @Test
    void everythingThatIsThrownIsLoggedWithAppNameAndTraceAndTouchesNobodyElse() throws Exception {
        var calls = new AtomicInteger();
        for (Throwable failure : List.of(
                new Exception("checked"),
                new IllegalStateException("unchecked"),
                new StackOverflowError(),
                new NoClassDefFoundError("org/gone/Type"),
                new OutOfMemoryError("by hand"),
                new InterruptedException("pretended"))) {
            handlers.add("a", "b", context -> sneak(failure));
        }
        handlers.add("a", "b", context -> calls.incrementAndGet());

        assertThat(dispatcher.dispatch(message("a", "b"))).isEqualTo(7);
        assertThat(dispatcher.dispatch(message("a", "b"))).isEqualTo(7);

        assertThat(calls).hasValue(2);
        for (int i = 0; i < 6; i++) { // the same again is counted, see FailuresTest
            var line = log.await("error");
            assertThat(line.text()).matches("app/Handler[1-6] on a/b failed: the other handlers .*");
            assertThat(line.failure()).isNotNull();
        }
        assertThat(dispatcher.handlers())
                .filteredOn(handler -> handler.failed() == 2)
                .hasSize(6);
    }

    @Test
    void theLastOfWhatIsThrownIsKeptAsTextWithItsEventAndItsCause() {
        handlers.add("a", "*", context -> {
            if (context.event().equals("b")) {
                throw new IllegalStateException("no\njournal", new java.io.IOException("full"));
            }
            throw new UnprintableException();
        });

        dispatcher.dispatch(message("a", "b"));

        assertThat(lastFailure().event()).isEqualTo("a/b");
        assertThat(lastFailure().error()).isEqualTo("java.lang.IllegalStateException: no\njournal");
        assertThat(lastFailure().trace())
                .first()
                .asString()
                .startsWith("at org.callosum.core.dispatch.ForeignCodeTest.")
                .endsWith(")");
        assertThat(lastFailure().trace()).contains("Caused by: java.io.IOException: full");

        dispatcher.dispatch(message("a", "c"));

        assertThat(lastFailure().event()).isEqualTo("a/c");
        assertThat(lastFailure().error()).isEqualTo(UnprintableException.class.getName() + ", which cannot be printed");
    }

    private HandlerFailure lastFailure() {
        return dispatcher.handlers().get(0).lastFailure().orElseThrow();
    }

    @Test
    void aRealStackOverflowEndsWithItsHandler() {
        handlers.add("a", "b", context -> recurse(0));

        assertThat(dispatcher.dispatch(message("a", "b"))).isEqualTo(1);
        assertThat(dispatcher.dispatch(message("a", "b"))).isEqualTo(1);
    }

    @Test
    void anExceptionThatThrowsWhenItIsPrintedIsLoggedByItsClass() throws Exception {
        handlers.add("a", "b", context -> {
            throw new UnprintableException();
        });

        assertThat(dispatcher.dispatch(message("a", "b"))).isEqualTo(1);
        assertThat(log.await("error").text())
                .isEqualTo("app/Handler1 on a/b failed: the other handlers and later events are not affected"
                        + " [app=app handler=Handler1 service_id=1 tract=a event=b reason=\""
                        + UnprintableException.class.getName() + ", which cannot be printed\"]");
        assertThat(dispatcher.dispatch(message("a", "b"))).isEqualTo(1);
    }

    @Test
    void aFailureThatCannotBeLoggedEitherTakesNoWorker() throws Exception {
        var brokenLog = (Logger) Proxy.newProxyInstance(
                Logger.class.getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                    throw new IllegalStateException("the disk is full");
                });
        var unlogged = TestDispatcher.of(handlers)
                .with(new Settings(1, Duration.ofSeconds(30)))
                .with(ticker)
                .with(brokenLog)
                .make();
        unlogged.start();
        Handler handler = handlers.add("a", "b", context -> {
            throw new Exception();
        });

        var counts = CompletableFuture.supplyAsync(
                () -> List.of(unlogged.dispatch(message("a", "b")), unlogged.dispatch(message("a", "b"))));

        assertThat(counts.get(10, SECONDS)).containsExactly(1, 1);
        assertThat(handler.status(0, 0, false, "").failed()).isEqualTo(2);
        unlogged.stop();
    }

    @ParameterizedTest
    @MethodSource("everyKindOfFailure")
    void whatASlowHandlerThrowsIsLoggedAndTouchesNobodyElse(Throwable failure) throws Exception {
        var slow = gated(failure);
        handlers.add("a", "b", slow);
        var calls = new AtomicInteger();
        handlers.add("a", "b", context -> calls.incrementAndGet());

        var count = dispatchAsync("a", "b");
        slow.awaitEntered();
        awaitEnded(2); // so the other one ran on another worker, and this run was taken from the one that led
        slow.letGo();

        assertThat(count.get(10, SECONDS)).isEqualTo(2);
        assertThat(log.await("error").failure()).hasToString(failure.toString());
        assertThat(dispatcher.dispatch(message("a", "b"))).isEqualTo(2);
        assertThat(calls).hasValue(2);
        assertThat(dispatcher.handlers()).extracting(HandlerStatus::failed).containsExactly(2L, 0L);
    }

    @ParameterizedTest
    @MethodSource("everyKindOfFailure")
    void whatIsThrownLongAfterTheTimeLimitEndsTheWorkerThatWasWrittenOffAndNothingElse(Throwable failure)
            throws Exception {
        var stuck = gated(failure);
        handlers.add("a", "b", stuck);

        var count = dispatchAsync("a", "b");
        stuck.awaitEntered();
        awaitTaken(handlers.all().iterator().next());
        ticker.advance(LIMIT);
        assertThat(count.get(10, SECONDS)).isEqualTo(1);
        stuck.letGo();
        stuck.thread.join(10_000);

        assertThat(stuck.thread.isAlive()).as("its thread is alive").isFalse();
        assertThat(dispatcher.slow()).isEmpty();
        assertThat(log.await("error").failure()).hasToString(failure.toString());
        assertThat(dispatcher.handlers()).singleElement().satisfies(handler -> {
            assertThat(handler.failed()).isEqualTo(1);
            assertThat(handler.timedOut()).isEqualTo(1);
        });
        assertThat(dispatcher.dispatch(message("a", "b"))).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("everyKindOfFailure")
    void aServiceThatCannotBeHadWhateverIsThrownTakesNoWorkerAndIsTriedAgain(Throwable failure) throws Exception {
        var attempts = new AtomicInteger();
        var called = new CountDownLatch(1);
        handlers.add("app", 0, "a", "b", () -> {
            if (attempts.incrementAndGet() == 1) {
                sneak(failure);
            }
            return typed(context -> called.countDown());
        });
        var neighbour = new AtomicInteger();
        handlers.add("a", "b", context -> neighbour.incrementAndGet());

        assertThat(dispatcher.dispatch(message("a", "b")))
                .as("the neighbour alone was invoked")
                .isEqualTo(1);
        assertThat(dispatcher.handlers().get(0).state()).isEqualTo(HandlerStatus.State.FAILED);
        ticker.advance(ParkingWatch.PUBLISH_TIME);

        assertThat(called.await(10, SECONDS)).isTrue();
        assertThat(neighbour).hasValue(1);
    }

    private static Stream<Throwable> everyKindOfFailure() {
        return Stream.of(
                new Exception("checked"),
                new IllegalStateException("unchecked"),
                new StackOverflowError("by hand"),
                new OutOfMemoryError("by hand"),
                new NoSuchMethodError("org.gone.Type.method()"),
                new ExceptionInInitializerError("in a static block"),
                new DeathOfThread(),
                new InterruptedException("pretended"));
    }

    // What it leaves behind.

    @Test
    void whatAHandlerDoesToItsThreadStaysWithItsRun() {
        var loader = new ClassLoader(null) {};
        handlers.add("a", "1", context -> {
            Thread.currentThread().setContextClassLoader(loader);
            Thread.currentThread().interrupt();
        });
        var loaders = Collections.synchronizedList(new ArrayList<ClassLoader>());
        handlers.add("a", "2", context -> loaders.add(Thread.currentThread().getContextClassLoader()));

        dispatcher.dispatch(message("a", "1"));
        dispatcher.dispatch(message("a", "2"));

        assertThat(loaders).containsExactly(getClass().getClassLoader());
    }

    @Test
    void anInterruptThatAHandlerLeavesBehindDoesNotMeetTheNextOne() {
        var interrupted = ConcurrentHashMap.newKeySet();
        handlers.add("a", "leave", context -> Thread.currentThread().interrupt());
        handlers.add(
                "a", "look", context -> interrupted.add(Thread.currentThread().isInterrupted()));

        for (int i = 0; i < 8; i++) {
            dispatcher.dispatch(message("a", "leave"));
            dispatcher.dispatch(message("a", "look"));
        }

        assertThat(interrupted).containsExactly(false);
    }

    @Test
    void theContextClassLoaderIsTheHandlersAndGoneAfterwards() {
        var loaders = Collections.synchronizedList(new ArrayList<ClassLoader>());
        handlers.add("a", "b", context -> loaders.add(Thread.currentThread().getContextClassLoader()));
        handlers.add("app", 0, "a", "c", () -> {
            loaders.add(Thread.currentThread().getContextClassLoader()); // while the service is got, nobody's
            return typed(context -> {});
        });

        dispatcher.dispatch(message("a", "b"));
        dispatcher.dispatch(message("a", "c"));

        assertThat(loaders).containsExactly(getClass().getClassLoader(), null);
    }

    @Test
    void workersInheritNoThreadLocalsOfWhoeverDispatches() {
        var inherited = new InheritableThreadLocal<String>();
        inherited.set("mine");
        var seen = new ArrayList<String>();
        handlers.add("a", "b", context -> seen.add(String.valueOf(inherited.get())));

        dispatcher.dispatch(message("a", "b"));

        assertThat(seen).containsExactly("null");
    }

    @Test
    void whatAHandlerPrintsIsPrintedAndNothingElse() {
        var printed = new ByteArrayOutputStream();
        var out = System.out;
        System.setOut(new PrintStream(printed, true, UTF_8));
        try {
            handlers.add("a", "b", context -> System.out.print("hello"));
            dispatcher.dispatch(message("a", "b"));
        } finally {
            System.setOut(out);
        }

        assertThat(printed).hasToString("hello");
        dispatcher.stop(); // behind it all is said
        assertThat(log.texts("error")).isEmpty();
    }

    // What it waits for.

    @Test
    void aHandlerMayWaitForALaterOneOfTheSameEventEvenIfThereIsOneWorker() throws Exception {
        dispatcher.apply(new Settings(1, LIMIT), ParkingLimits.DEFAULT);
        var later = new CountDownLatch(1);
        Handler waiting = handlers.add("a", "b", context -> later.await());
        handlers.add("a", "b", context -> later.countDown());

        var count = dispatchAsync("a", "b");
        awaitTaken(waiting);
        assertThat(later.getCount()).as("more than there are workers run").isEqualTo(1);
        ticker.advance(LIMIT.dividedBy(10)); // the event has waited for so long that it gets an extra worker

        assertThat(count.get(10, SECONDS)).isEqualTo(2);
        assertThat(dispatcher.handlers()).extracting(HandlerStatus::timedOut).containsExactly(0L, 0L);
    }

    @Test
    void aHandlerThatWaitsForOneThatHangsIsWrittenOffWithIt() throws Exception {
        var never = new CountDownLatch(1);
        Handler hanging = handlers.add("a", "b", context -> never.await());
        Handler waiting = handlers.add("a", "b", context -> never.await());
        var healthy = new CountDownLatch(1);
        handlers.add("a", "b", context -> healthy.countDown());

        var count = dispatchAsync("a", "b");
        awaitTaken(hanging);
        awaitTaken(waiting);
        awaitEnded(3);
        ticker.advance(LIMIT);

        assertThat(count.get(10, SECONDS)).isEqualTo(3);
        assertThat(dispatcher.handlers()).extracting(HandlerStatus::timedOut).containsExactly(1L, 1L, 0L);
        never.countDown();
    }

    @Test
    void aHandlerThatHasAnotherThreadDispatchAndWaitsForItIsWrittenOffAndTheOtherEventIsDispatched() throws Exception {
        var next = new CompletableFuture<Integer>();
        Handler waiting = handlers.add("a", "1", context -> {
            dispatchAsync("a", "2").thenAccept(next::complete);
            next.get();
        });
        handlers.add("a", "2", context -> {});

        var count = dispatchAsync("a", "1");
        awaitTaken(waiting);
        assertThat(next).as("its own event is not over").isNotDone();
        ticker.advance(LIMIT);

        assertThat(count.get(10, SECONDS)).isEqualTo(1);
        assertThat(next.get(10, SECONDS)).isEqualTo(1);
    }

    @Test
    void handlersThatDeadlockOnEachOtherAreBothWrittenOffAndNobodyElseIs() throws Exception {
        var first = new ReentrantLock();
        var second = new ReentrantLock();
        var bothHoldOne = new CyclicBarrier(2);
        handlers.add("a", "b", context -> lockBoth(first, bothHoldOne, second));
        handlers.add("a", "b", context -> lockBoth(second, bothHoldOne, first));
        var healthy = new CountDownLatch(2);
        handlers.add("a", "*", context -> healthy.countDown());

        var count = dispatchAsync("a", "b");
        while (!first.hasQueuedThreads() || !second.hasQueuedThreads()) {
            Thread.onSpinWait();
        }
        awaitEnded(3);
        ticker.advance(Duration.ofSeconds(30));

        assertThat(count.get(10, SECONDS)).isEqualTo(3);
        assertThat(dispatcher.dispatch(message("a", "c"))).isEqualTo(1);
        assertThat(healthy.await(10, SECONDS)).isTrue();
        assertThat(dispatcher.handlers()).extracting(HandlerStatus::timedOut).containsExactly(1L, 1L, 0L);
    }

    @Test
    void aHandlerThatWaitsForTheNextEventIsWrittenOffAndGetsIt() throws Exception {
        var next = new CountDownLatch(1);
        handlers.add("a", "1", context -> next.await());
        handlers.add("a", "2", context -> next.countDown());

        var first = dispatchAsync("a", "1");
        awaitRunning(1);
        var second = dispatchAsync("a", "2");
        ticker.advance(Duration.ofSeconds(30));

        assertThat(first.get(10, SECONDS)).isEqualTo(1);
        assertThat(second.get(10, SECONDS)).isEqualTo(1);
        // By the watchdog and by the worker, which do not wait for each other; and by then events may have been held
        // up.
        List<String> warnings = new ArrayList<>();
        while (warnings.size() < 2) {
            String warning = log.await("warn").text();
            if (!warning.startsWith("Events are held up")) {
                warnings.add(warning);
            }
        }
        assertThat(warnings)
                .anyMatch(line -> line.startsWith("app/Handler1 on a/1 overran"))
                .anyMatch(line -> line.startsWith("app/Handler1 on a/1 ended after"));
    }

    // What it does to itself, to others and to the dispatcher.

    @Test
    void handlersThatCloseEachOtherWaitNoLongerThanATimeLimit() throws Exception {
        var both = new CyclicBarrier(2);
        var first = new AtomicReference<Handler>();
        var second = new AtomicReference<Handler>();
        first.set(handlers.add("a", "b", context -> closeOther(both, second)));
        second.set(handlers.add("a", "b", context -> closeOther(both, first)));
        handlers.add("a", "c", context -> {});

        var count = dispatchAsync("a", "b");
        awaitClosed(first.get());
        awaitClosed(second.get());
        assertThat(count).isNotDone();
        ticker.advance(LIMIT);

        assertThat(count.get(10, SECONDS)).isEqualTo(2);
        assertThat(dispatcher.dispatch(message("a", "b"))).isZero();
        assertThat(dispatcher.dispatch(message("a", "c"))).isEqualTo(1);
        while (handlers.releases.get() < 2) {
            Thread.onSpinWait(); // who was written off goes on in its own time
        }
    }

    private void closeOther(CyclicBarrier both, AtomicReference<Handler> other) throws Exception {
        both.await();
        handlers.remove(other.get());
        dispatcher.close(List.of(other.get()));
    }

    @Test
    void aHandlerThatClosesOneWhoseTurnIsToComeWaitsForThat() throws Exception {
        var later = new AtomicReference<Handler>();
        var order = Collections.synchronizedList(new ArrayList<String>());
        handlers.add("a", "b", context -> {
            handlers.remove(later.get());
            dispatcher.close(List.of(later.get()));
            order.add("closed");
        });
        later.set(handlers.add("a", "b", context -> order.add("called")));

        assertThat(dispatchAsync("a", "b").get(10, SECONDS)).isEqualTo(2);

        assertThat(order).containsExactly("called", "closed");
        assertThat(dispatcher.dispatch(message("a", "b"))).isEqualTo(1);
    }

    @Test
    void aHandlerThatAddsAHandlerForItsOwnEventHasItCalledForTheNextOneOnly() {
        var calls = new AtomicInteger();
        handlers.add("a", "b", context -> dispatcher.arrived(handlers.add("a", "b", again -> calls.incrementAndGet())));

        assertThat(dispatcher.dispatch(message("a", "b"))).isEqualTo(1);
        assertThat(calls).hasValue(0);
        assertThat(dispatcher.dispatch(message("a", "b"))).isEqualTo(2);
        assertThat(calls).hasValue(1);
    }

    @Test
    void aHandlerThatFeedsItsOwnSourceWithoutEndKeepsNobodyElseFromTheirTurn() throws Exception {
        var source = new QueueSource();
        var fed = new AtomicInteger();
        handlers.add("a", "b", context -> {
            fed.incrementAndGet();
            source.add(1);
        });
        handlers.add("a", "c", context -> {});
        source.add(1);
        dispatcher.follow(source);

        for (int i = 0; i < 1_000; i++) {
            assertThat(dispatcher.dispatch(message("a", "c"))).isEqualTo(1);
        }
        dispatcher.unfollow(source);

        assertThat(fed).hasPositiveValue();
        assertThat(source.messages).as("the one event that was always there").hasSize(1);
    }

    @Test
    void aHandlerThatStopsAndStartsItsDispatcherLeavesItRunning() {
        handlers.add("a", "b", context -> {
            dispatcher.stop();
            dispatcher.start();
        });

        assertThat(dispatcher.dispatch(message("a", "b"))).isEqualTo(1);
        assertThat(dispatcher.isRunning()).isTrue();
        assertThat(dispatcher.dispatch(message("a", "b"))).isEqualTo(1);
    }

    @Test
    void aHandlerThatAppliesOtherSettingsHasThemHoldForItself() throws Exception {
        var never = new CountDownLatch(1);
        Handler handler = handlers.add("a", "b", context -> {
            dispatcher.apply(new Settings(2, Duration.ofSeconds(1)), ParkingLimits.DEFAULT);
            never.await();
        });

        var count = dispatchAsync("a", "b");
        awaitTaken(handler);
        ticker.advance(Duration.ofSeconds(1));

        assertThat(count.get(10, SECONDS)).isEqualTo(1);
        assertThat(dispatcher.handlers().get(0).timedOut()).isEqualTo(1);
        never.countDown();
    }

    @Test
    void aHandlerThatDispatchesIsToldToEmitInstead() {
        var refusal = new AtomicReference<Throwable>();
        handlers.add("a", "b", context -> {
            try {
                dispatcher.dispatch(message("a", "c"));
            } catch (IllegalStateException e) {
                refusal.set(e);
            }
        });

        assertThat(dispatcher.dispatch(message("a", "b"))).isEqualTo(1);
        assertThat(refusal.get())
                .hasMessageStartingWith("A handler dispatched a/c: ")
                .hasMessageEndingWith("emit the message instead");
    }

    @Test
    void aHandlerThatStopsItsDispatcherDoesNotWaitForItself() {
        handlers.add("a", "b", context -> dispatcher.stop());

        assertThat(dispatcher.dispatch(message("a", "b"))).isEqualTo(1);
        assertThat(dispatcher.dispatch(message("a", "b"))).isZero();
    }

    @Test
    void aHandlerThatClosesItselfDoesNotWaitForItself() {
        var self = new AtomicReference<Handler>();
        self.set(handlers.add("a", "b", context -> {
            handlers.remove(self.get());
            dispatcher.close(List.of(self.get()));
        }));

        assertThat(dispatcher.dispatch(message("a", "b"))).isEqualTo(1);
        assertThat(dispatcher.dispatch(message("a", "b"))).isZero();
        assertThat(handlers.releases).hasValue(1);
    }

    @Test
    void aHandlerMayStopTheFollowingOfItsSource() throws Exception {
        var source = new QueueSource();
        var calls = new CountDownLatch(1);
        handlers.add("a", "b", context -> {
            dispatcher.unfollow(source);
            calls.countDown();
        });
        source.add(1);
        source.add(2);
        dispatcher.follow(source);

        assertThat(calls.await(10, SECONDS)).isTrue();
        dispatcher.dispatch(message("a", "c"));
        assertThat(source.messages).hasSize(1);
    }

    /** One that throws when it is let go. */
    private GatedHandler gated(Throwable failure) {
        var handler = new GatedHandler(failure);
        gated.add(handler);
        return handler;
    }

    private CompletableFuture<Integer> dispatchAsync(String tract, String event) {
        return TestDispatcher.dispatchAsync(dispatcher, message(tract, event));
    }

    /** Waits until a handler has begun. */
    private void awaitRunning(long serviceId) {
        while (running(serviceId) == 0) {
            Thread.onSpinWait();
        }
    }

    /** Waits until a handler was called and has ended for its worker, too: time that passes then is not its own. */
    private void awaitEnded(long serviceId) {
        while (status(serviceId).invoked() == 0 || running(serviceId) > 0) {
            Thread.onSpinWait();
        }
    }

    private int running(long serviceId) {
        return status(serviceId).running();
    }

    private HandlerStatus status(long serviceId) {
        return dispatcher.handlers().stream()
                .filter(handler -> handler.serviceId() == serviceId)
                .findAny()
                .orElseThrow();
    }

    /** Waits until a handler's run was taken from the worker that leads: it is known to be slow. */
    private static void awaitTaken(Handler handler) {
        while (handler.invocations.isEmpty()) {
            Thread.onSpinWait();
        }
    }

    /** Waits until whoever closes a handler waits for its end alone. */
    private static void awaitClosed(Handler handler) {
        while (!handler.closed) {
            Thread.onSpinWait();
        }
    }

    private static void lockBoth(ReentrantLock mine, CyclicBarrier bothHoldOne, ReentrantLock other) throws Exception {
        mine.lockInterruptibly();
        bothHoldOne.await();
        other.lockInterruptibly();
    }

    private static int recurse(int depth) {
        return recurse(depth + 1) + 1;
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable failure) throws T {
        throw (T) failure;
    }

    private static CallosumEventHandler typed(CallosumEventHandler handler) {
        return handler;
    }

    /** What {@link ThreadDeath} was, which later JDKs are to do without. */
    private static final class DeathOfThread extends Error {
        private static final long serialVersionUID = 1L;
    }

    private static final class UnprintableException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalStateException("not even this");
        }
    }
}
