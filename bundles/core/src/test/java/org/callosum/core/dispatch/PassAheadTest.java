// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.time.InstantSource;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.callosum.core.dispatch.TestDispatcher.message;

/** A handler that was slow the last time is given up by the leading worker before it begins, not a look of the watchdog later. */
@Timeout(60)
class PassAheadTest {
    private final RecordingLogger log = new RecordingLogger();
    private final ManualTicker ticker = new ManualTicker();
    private final Handlers handlers = new Handlers();
    private final BlockingQueue<Dispatch> source = new LinkedBlockingQueue<>();
    private final BlockingQueue<Dispatch> ended = new LinkedBlockingQueue<>();
    private final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    private Workers workers;

    @BeforeEach
    void start() {
        start(new Settings(4, Duration.ofSeconds(30)));
    }

    @AfterEach
    void stop() {
        workers.stop();
        assertThat(log.texts("error")).isEmpty();
    }

    private void start(Settings settings) {
        Gaps gaps = new Gaps(InstantSource.system());
        Reports reports = new Reports(log.logger());
        Parking parking = new Parking(ParkingLimits.DEFAULT, gaps, new Facts(reports), ticker, reports);
        HandlerCall call = new HandlerCall(gaps, new Facts(reports), ticker, InstantSource.system(), reports);
        Delays delays = new Delays(InstantSource.system());
        Traces traces = new Traces(handlers::routes, parking, ticker, InstantSource.system());
        RunLoop loop = new RunLoop(source::poll, () -> null, parking, call, delays, traces, ticker, reports);
        workers = new Workers(
                loop, settings, parking, call, delays, new HoldUp(() -> null), ticker, InstantSource.system(), reports);
        loop.use(workers);
        workers.start();
    }

    @Test
    void itsRunIsTakenBeforeItBeginsAndTheNextHandlerRunsBesideIt() throws Exception {
        var beside = new CountDownLatch(1);
        Handler slow = add("slow", handler -> {
            calls.add("taken: " + !handler.invocations.isEmpty());
            awaitOn(beside);
        });
        slow.isSlow = true;
        Handler next = add("next", handler -> beside.countDown());

        assertThat(dispatch(List.of(slow, next)).invoked()).isEqualTo(2);

        assertThat(calls).contains("taken: true", "slow", "next");
    }

    @Test
    void theLastHandlerOfAnEventIsNot() throws Exception {
        var notTaken = new AtomicInteger();
        Handler last = add("last", handler -> notTaken.addAndGet(handler.invocations.isEmpty() ? 1 : 0));
        for (int i = 0; i < 100; i++) {
            last.isSlow = true;
            assertThat(dispatch(List.of(last)).invoked()).isEqualTo(1);
        }

        assertThat(notTaken).as("the watchdog may take some").hasPositiveValue();
    }

    @Test
    void itIsPassedNoMoreOnceItWasQuick() throws Exception {
        Handler slow = add("slow", handler -> {});
        Handler next = add("next", handler -> {});
        slow.isSlow = true;

        dispatch(List.of(slow, next));

        assertThat(slow.isSlow).isFalse();
        assertThat(slow.invocations).isEmpty();
    }

    @Test
    void itIsPassedAgainAsLongAsItIsSlow() throws Exception {
        Handler slow = add("slow", handler -> ticker.advance(Duration.ofMillis(1)));
        Handler next = add("next", handler -> {});
        slow.isSlow = true;

        dispatch(List.of(slow, next));

        assertThat(slow.isSlow).isTrue();
    }

    @Test
    void whenTheWatchdogWasQuickerNothingIsTakenTwice() throws Exception {
        Handler slow = add("slow", handler -> {});
        slow.isSlow = true;
        Handler next = add("next", handler -> {});
        var looked = new AtomicInteger();

        // Between the beginning of the run and the look at what follows: until the watchdog has taken the run.
        Dispatch dispatch = dispatch(new Hooked(List.of(slow, next), () -> {
            Worker worker = Worker.current();
            if ((worker.state() & 1) != 0 && worker.handlerOfOwn() == slow) {
                looked.incrementAndGet();
                while ((worker.state() & 1) != 0) {
                    Thread.onSpinWait();
                }
            }
        }));

        assertThat(looked).as("the hook has met the moment").hasPositiveValue();
        assertThat(dispatch.invoked()).isEqualTo(2);
        assertThat(dispatch.open).isZero();
        assertThat(calls).containsExactlyInAnyOrder("slow", "next");
    }

    @Test
    void oneThatIsClosedAsItBeginsIsRefusedAndTheNextOneRuns() throws Exception {
        Handler slow = add("slow", handler -> {});
        slow.isSlow = true;
        Handler next = add("next", handler -> {});

        Dispatch dispatch = dispatch(new Hooked(List.of(slow, next), () -> {
            Worker worker = Worker.current();
            if ((worker.state() & 1) != 0 && worker.handlerOfOwn() == slow) {
                slow.closed = true;
            }
        }));

        assertThat(dispatch.invoked()).isEqualTo(1);
        assertThat(dispatch.refused()).containsExactly(slow);
        assertThat(calls).containsExactly("next");
    }

    @Test
    void withOneWorkerTheNextHandlerWaitsAllTheSame() throws Exception {
        workers.apply(new Settings(1, Duration.ofSeconds(30)));
        Handler slow = add("slow", handler -> {});
        slow.isSlow = true;
        Handler next = add("next", handler -> {});

        assertThat(dispatch(List.of(slow, next)).invoked()).isEqualTo(2);

        assertThat(calls).containsExactly("slow", "next");
    }

    /** The run ends while another worker is about to lead, leads, or is done with all that follows. */
    @Test
    void howeverItsEndAndTheLeadOfTheOthersMeetEachHandlerIsCalledOnceAnEvent() throws Exception {
        var counts = new AtomicLong[5];
        var of = new ArrayList<Handler>();
        for (int i = 0; i < counts.length; i++) {
            var count = counts[i] = new AtomicLong();
            of.add(add("", handler -> {
                count.incrementAndGet();
                handler.isSlow = count.get() % 3 != 0; // those that are passed end at once
            }));
        }
        int events = 2_000;
        for (int i = 1; i <= events; i++) {
            Dispatch dispatch = dispatch(of);
            assertThat(dispatch.invoked()).isEqualTo(counts.length);
            assertThat(counts)
                    .as("calls after event %d", i)
                    .extracting(AtomicLong::get)
                    .containsOnly((long) i);
        }

        assertThat(of).allMatch(handler -> handler.status(0, 0, false, "").invoked() == events);
    }

    /** Has an event handled by these, and waits for its end. */
    private Dispatch dispatch(List<Handler> to) throws InterruptedException {
        source.add(new Dispatch(message("a", "b"), to, ended::add));
        workers.wake();
        Dispatch dispatch = ended.poll(10, SECONDS);
        assertThat(dispatch).as("the event that ended").isNotNull();
        return dispatch;
    }

    private Handler add(String name, Consumer<Handler> action) {
        Handler[] self = new Handler[1];
        self[0] = handlers.add("app", 0, "a", "b", () -> (org.callosum.api.CallosumEventHandler) context -> {
            action.accept(self[0]);
            if (!name.isEmpty()) {
                calls.add(name);
            }
        });
        return self[0];
    }

    private static void awaitOn(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, SECONDS))
                    .as("the next handler runs beside it")
                    .isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** A list that does something before it says its size, as the run loop asks for it all along. */
    private static final class Hooked extends AbstractList<Handler> {
        private final List<Handler> all;
        private final Runnable hook;

        Hooked(List<Handler> all, Runnable hook) {
            this.all = all;
            this.hook = hook;
        }

        @Override
        public Handler get(int index) {
            return all.get(index);
        }

        @Override
        public int size() {
            if (Worker.current() != null) {
                hook.run();
            }
            return all.size();
        }
    }
}
