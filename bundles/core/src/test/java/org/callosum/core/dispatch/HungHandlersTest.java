// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.Message;
import org.callosum.core.HandlerStatus;
import org.callosum.core.InvocationStatus;
import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

/** {@code dispatch.md}, row 'hung handlers', with many of them: what {@code itests/bench/run hung} measures. */
@Timeout(120)
class HungHandlersTest {
    private static final int WORKERS = 4;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** For so long an event waits for one of the workers before it gets another. */
    private static final Duration PATIENCE = LIMIT.dividedBy(10);

    private final RecordingLogger log = new RecordingLogger();
    private final ManualTicker ticker = new ManualTicker();
    private final Handlers handlers = new Handlers();

    /** No trial comes of itself. */
    private final QuarantineRule rule = new QuarantineRule(3, Duration.ofHours(1), Duration.ofHours(1), 3, 64);

    private final Settings settings = new Settings(WORKERS, LIMIT, LIMIT, 0, false, rule);
    private final SerialDispatcher dispatcher = new SerialDispatcher(
            handlers::routes,
            handlers::all,
            (owner, identity) -> Whereabouts.Answer.COMING,
            new Gaps(InstantSource.system()),
            settings,
            ParkingLimits.DEFAULT,
            ticker,
            log.logger());

    private final CountDownLatch gate = new CountDownLatch(1);
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final List<Seeing> hanging = new ArrayList<>();
    private final List<Seeing> healthy = new ArrayList<>();

    @BeforeEach
    void start() {
        dispatcher.start();
    }

    @AfterEach
    void stop() {
        gate.countDown();
        dispatcher.stop();
    }

    @Test
    void fortyOfAHundredAreWrittenOffAndShownAndTheOthersGetEveryEvent() throws Exception {
        addHundred(40);

        var first = dispatchAsync(1);
        awaitEntered(WORKERS, 1);
        assertThat(entered(1))
                .as("those that hang before the event gets more workers")
                .isEqualTo(WORKERS);
        ticker.advance(PATIENCE);
        awaitEntered(40, 1);
        awaitHealthy(1);
        await(() -> dispatcher.slow().size() == 40);
        assertThat(dispatcher.slow()).allSatisfy(each -> {
            assertThat(each.state()).isEqualTo(InvocationStatus.State.SLOW);
            assertPlace(each);
        });
        ticker.advance(LIMIT);

        assertThat(first.get(10, SECONDS)).as("handlers invoked").isEqualTo(100);
        assertWrittenOff(40);
        assertThat(dispatcher.handlers())
                .filteredOn(each -> each.timedOut() == 1)
                .extracting(HandlerStatus::name)
                .containsExactlyInAnyOrderElementsOf(
                        hanging.stream().map(each -> each.name).toList());
    }

    @Test
    void thoseThatHangInEveryCallAreInQuarantineAfterThreeEvents() throws Exception {
        addHundred(40);
        for (int n = 1; n <= 3; n++) {
            dispatchWith(hangingAndActive(), n);
        }

        for (int n = 4; n <= 10; n++) {
            assertThat(dispatcher.dispatch(message(n))).as("handlers invoked").isEqualTo(60);
        }

        assertThat(healthy).allSatisfy(each -> assertThat(each.seen)
                .containsExactlyElementsOf(LongStream.rangeClosed(1, 10).boxed().toList()));
        assertThat(hangingAndActive()).as("handlers that hang and are called").isZero();
        // The 64th worker that is written off, of the second event, has each that hangs from then on in quarantine at
        // once.
        assertWrittenOff(40 + 40 + 23);
    }

    @Test
    void onceTheyAreLetGoNothingIsLeft() throws Exception {
        addHundred(40);
        for (int n = 1; n <= 3; n++) {
            dispatchWith(hangingAndActive(), n);
        }
        dispatcher.dispatch(message(4));

        gate.countDown();
        await(() -> dispatcher.slow().isEmpty());
        hanging.forEach(each -> dispatcher.release(each.handler.serviceId()));
        await(() -> hanging.stream().allMatch(each -> each.seen.contains(4L)));
        dispatcher.dispatch(message(5)); // which is parked behind the other for those that do not have that yet
        await(() -> hanging.stream().allMatch(each -> each.seen.contains(5L)));
        await(() -> dispatcher.parked().isEmpty());
        dispatcher.stop();

        assertThat(dispatcher.handlers()).allSatisfy(each -> {
            assertThat(each.state()).isEqualTo(HandlerStatus.State.ACTIVE);
            assertThat(each.running()).isZero();
        });
        assertThat(hanging).allSatisfy(each -> assertThat(each.seen).endsWith(4L, 5L));
        for (Thread thread : threads) {
            thread.join(SECONDS.toMillis(10));
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
    }

    @Test
    void anEventGetsSoManyExtraWorkersAndNoMore() throws Exception {
        addHundred(100);
        int most = WORKERS + Workers.MAX_EXTRA;

        var count = dispatchAsync(1);
        awaitEntered(WORKERS, 1);
        ticker.advance(PATIENCE);
        awaitEntered(most, 1);
        dispatcher.apply(settings, ParkingLimits.DEFAULT); // which gives workers to what waits
        ticker.advance(LIMIT);

        // Had more than that begun before, they would be over as well.
        awaitEntered(100, 1);
        await(() -> dispatcher.slow().size() == 100);
        assertThat(count).isNotDone();
        assertThat(dispatcher.slow())
                .filteredOn(each -> each.state() == InvocationStatus.State.WRITTEN_OFF)
                .hasSize(most);
        ticker.advance(LIMIT);
        assertThat(count.get(10, SECONDS)).isEqualTo(100);
        assertWrittenOff(100);
    }

    /** A hundred handlers of the same event, of which some hang: they are evenly among the others. */
    private void addHundred(int hung) {
        for (int i = 0; i < 100; i++) {
            boolean hangs = (i + 1) * hung / 100 > i * hung / 100;
            Seeing seeing = new Seeing("H" + i, hangs);
            seeing.handler = handlers.add("app" + i, seeing.name, 0, "a", "b", () -> seeing);
            (hangs ? hanging : healthy).add(seeing);
        }
    }

    /** An event, in which so many handlers hang, up to its end. */
    private void dispatchWith(int hung, int n) throws Exception {
        var count = dispatchAsync(n);
        awaitEntered(Math.min(WORKERS, hung), n);
        ticker.advance(PATIENCE);
        awaitEntered(hung, n);
        awaitHealthy(n);
        ticker.advance(LIMIT);
        assertThat(count.get(10, SECONDS)).as("handlers invoked").isEqualTo(healthy.size() + hung);
    }

    private int hangingAndActive() {
        Set<String> names = ConcurrentHashMap.newKeySet();
        hanging.forEach(each -> names.add(each.name));
        return (int) dispatcher.handlers().stream()
                .filter(each -> each.state() == HandlerStatus.State.ACTIVE && names.contains(each.name()))
                .count();
    }

    private void assertWrittenOff(int runs) {
        List<InvocationStatus> shown = dispatcher.slow();
        assertThat(shown).hasSize(runs);
        assertThat(shown).allSatisfy(each -> {
            assertThat(each.state()).isEqualTo(InvocationStatus.State.WRITTEN_OFF);
            assertPlace(each);
        });
        assertThat(shown.stream().map(InvocationStatus::thread)).doesNotHaveDuplicates();
    }

    private static void assertPlace(InvocationStatus each) {
        assertThat(each.stack()).anySatisfy(frame -> {
            assertThat(frame.getClassName()).isEqualTo(Seeing.class.getName());
            assertThat(frame.getMethodName()).isEqualTo("hang");
        });
    }

    private long entered(long n) {
        return hanging.stream().filter(each -> each.seen.contains(n)).count();
    }

    private void awaitEntered(int hung, long n) {
        await(() -> entered(n) >= hung);
    }

    /** Waits until those that do not hang have ended, so that none of them overruns when time passes. */
    private void awaitHealthy(long n) {
        await(() -> healthy.stream().allMatch(each -> each.seen.contains(n)));
        await(() -> dispatcher.handlers().stream().noneMatch(each -> each.running() > 0 && isHealthy(each)));
    }

    private boolean isHealthy(HandlerStatus status) {
        return healthy.stream().anyMatch(each -> each.name.equals(status.name()));
    }

    private CompletableFuture<Integer> dispatchAsync(long n) {
        return CompletableFuture.supplyAsync(() -> dispatcher.dispatch(message(n)), task -> {
            Thread thread = new Thread(task, "test dispatch");
            thread.setDaemon(true);
            thread.start();
        });
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited for less than 30 s").isLessThan(end);
            Thread.onSpinWait();
        }
    }

    private static Message message(long n) {
        return Message.of("a", "b", Map.of("n", n));
    }

    /** Sees events, and hangs in each of its calls until all are let go, if it is one of those. */
    private final class Seeing implements CallosumEventHandler {
        private final String name;
        private final boolean hangs;
        private final Queue<Long> seen = new ConcurrentLinkedQueue<>();
        private Handler handler;

        Seeing(String name, boolean hangs) {
            this.name = name;
            this.hangs = hangs;
        }

        @Override
        public void handle(EventContext context) throws InterruptedException {
            threads.add(Thread.currentThread());
            seen.add(context.msg().longNumber("n").orElseThrow());
            if (hangs) {
                hang();
            }
        }

        private void hang() throws InterruptedException {
            gate.await();
        }
    }
}
