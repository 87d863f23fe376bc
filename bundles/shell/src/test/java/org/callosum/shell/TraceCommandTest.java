// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.callosum.api.Json;
import org.callosum.api.Message;
import org.callosum.core.Subscription;
import org.callosum.core.Trace;
import org.callosum.core.TracedEvent;
import org.callosum.core.TracedEvent.Call;
import org.callosum.core.TracedEvent.Result;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(60)
class TraceCommandTest {
    private static final Call GOOD = new Call(
            31,
            "segment-log",
            "SegmentLog",
            Duration.ofNanos(12_000),
            Duration.ofMillis(3),
            Result.ENDED,
            "",
            "callosum-worker-1",
            List.of("segments/logged", "logs/line"),
            2);
    private static final Call BAD = new Call(
            40,
            "observer",
            "History",
            Duration.ofMillis(3),
            Duration.ofSeconds(30),
            Result.TIMED_OUT,
            "",
            "callosum-worker-2",
            List.of(),
            0);
    private static final TracedEvent EVENT = event(List.of(GOOD, BAD), List.of("app/Held"), Optional.empty());

    private final ScriptedTrace trace = new ScriptedTrace();
    private final TraceCommand command = new TraceCommand(AskedDispatcher.answering(new Answers()));

    @AutoClose
    private final Gogo gogo = new Gogo().add(command, "trace");

    private final CountDownLatch begun = new CountDownLatch(1);
    private volatile String asked;

    private final class Answers {
        @SuppressWarnings("unused") // by reflection
        Trace trace(Subscription names, int events, boolean withMessages) {
            begun.countDown();
            asked = names.tract() + " " + names.event() + " " + events + " " + withMessages;
            return trace;
        }
    }

    @Test
    void anEventIsShownWithEachHandlersRun() {
        assertThat(TraceView.text(EVENT, true, ZoneOffset.UTC, Screen.PLAIN))
                .isEqualTo(
                        """
                        10:15:30.250 observe/observed received, queued for 1.5 s, done after 30.3 s
                          APP/HANDLER             AFTER    TOOK  RESULT     EMITTED                                THREAD             FAILURE
                          segment-log/SegmentLog  12 µs    3 ms  ended      segments/logged, logs/line and 2 more  callosum-worker-1  -
                          observer/History         3 ms  30.0 s  timed out  -                                      callosum-worker-2  -
                          parked for app/Held
                        """);
    }

    @Test
    void anEventOfNobodyIsShownWithItsFields() {
        Message message = Message.of("observe", "observed", Map.of("text", "\u001b[2J"));

        assertThat(TraceView.text(
                        event(List.of(), List.of(), Optional.of(message)), false, ZoneOffset.UTC, Screen.PLAIN))
                .isEqualTo(
                        """
                        10:15:30.250 observe/observed received, queued for 1.5 s, under way for 30.3 s
                          {"tract":"observe","event":"observed","text":"\\u001B[2J"}
                          no handler
                        """);
    }

    @Test
    void asManyAsAreAskedForAreFollowed() throws Exception {
        trace.add(EVENT);
        trace.add(EVENT);
        trace.end();

        assertThat(gogo.run("trace -f observe '*' 2")).containsSubsequence("observe/observed", "observe/observed");

        assertThat(asked).isEqualTo("observe * 2 true");
        assertThat(trace.closed.get(1, SECONDS)).isTrue();
    }

    @Test
    void theNextOneIsFollowedAndNoFieldsUnlessItIsSaid() throws Exception {
        trace.add(EVENT);
        trace.end();

        gogo.run("trace observe observed");

        assertThat(asked).isEqualTo("observe observed 1 false");
    }

    @Test
    @SuppressWarnings("unchecked") // it is so, or the test fails
    void asJsonEachEventIsALine() throws Exception {
        trace.add(EVENT);
        trace.dropped = 3;
        trace.add(EVENT);
        trace.end();

        List<String> lines = gogo.run("trace --json observe observed 5").lines().toList();

        assertThat(lines).hasSize(3).first().isEqualTo("{\"dropped\":3}");
        Map<String, Object> event = (Map<String, Object>) Json.parse(lines.get(1));
        assertThat(event)
                .containsEntry("queuedNanos", 1_500_000_000L)
                .containsEntry("isOver", true)
                .containsEntry("parkedFor", List.of("app/Held"))
                .doesNotContainKey("fields");
        assertThat((List<Map<String, Object>>) event.get("calls")).element(1).satisfies(call -> assertThat(call)
                .containsEntry("result", "timed-out"));
    }

    @Test
    void whatDidNotComeInTimeIsAnErrorAndWhatIsUnderWayIsShown() {
        trace.underWay = List.of(EVENT);

        assertThatThrownBy(() -> gogo.run("trace --timeout 1ms observe observed 3"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("0 of 3 events of observe/observed came within 1 ms");
        assertThat(gogo.shown()).contains("under way for 30.3 s");
    }

    @Test
    void aDispatcherThatStopsIsAnError() {
        trace.end();

        assertThatThrownBy(() -> gogo.run("trace observe observed"))
                .hasMessage("The dispatcher has stopped: 0 of 1 events of observe/observed came");
    }

    @Test
    void ctrlCEndsItAndShowsWhatIsUnderWay() throws Exception {
        trace.underWay = List.of(EVENT);
        CompletableFuture<Throwable> run = gogo.start("trace observe observed");
        begun.await();

        gogo.interrupt();

        run.get(10, SECONDS);
        assertThat(trace.closed.get(10, SECONDS)).isTrue();
        assertThat(gogo.shown()).contains("under way for 30.3 s");
    }

    /** Pressed at all that is shown: the second time behind the first event that is under way. */
    @Test
    void aSecondCtrlCEndsThatTooAndNotTheSession() throws Exception {
        trace.add(EVENT);
        trace.underWay = List.of(EVENT, EVENT);

        assertThat(gogo.interruptWhilePrinting("trace observe observed 2"))
                .containsOnlyOnce("done after 30.3 s")
                .containsOnlyOnce("under way for 30.3 s");

        trace.events.clear(); // of what says that it is closed
        trace.add(EVENT);
        trace.end();
        assertThat(gogo.run("trace observe observed")).contains("done after 30.3 s");
    }

    @Test
    void theEndOfTheComponentEndsIt() throws Exception {
        CompletableFuture<Throwable> run = gogo.start("trace observe observed");
        begun.await();
        command.stop();

        assertThat(run.get(10, SECONDS)).hasMessageStartingWith("The dispatcher has stopped");
    }

    @Test
    void whatIsNoTraceIsAnError() {
        assertThatThrownBy(() -> gogo.run("trace observe")).hasMessageStartingWith("No event is given. Write: trace ");
        assertThatThrownBy(() -> gogo.run("trace observe observed 0"))
                .hasMessageStartingWith("'0' is no number of events: give 1 to 1000000");
        assertThatThrownBy(() -> gogo.run("trace observe observed x")).hasMessageStartingWith("'x' is no number");
        assertThatThrownBy(() -> gogo.run("trace -t soon observe observed"))
                .hasMessage("--timeout 'soon' is no time, up to a year: write 500ms, 10s, 5min or 1h");
        assertThatThrownBy(() -> gogo.run("trace -t 999999999h observe observed"))
                .hasMessageStartingWith("--timeout '999999999h' is no time, up to a year");
        assertThat(asked).isNull();
    }

    private static TracedEvent event(List<Call> calls, List<String> parked, Optional<Message> message) {
        return new TracedEvent(
                "observe",
                "observed",
                Instant.parse("2026-01-01T10:15:30.250Z"),
                Optional.of(Duration.ofMillis(1_500)),
                false,
                Duration.ofMillis(30_300),
                calls,
                parked,
                message);
    }

    /** Gives what a test has put in. */
    private static final class ScriptedTrace implements Trace {
        private final BlockingQueue<Optional<TracedEvent>> events = new LinkedBlockingQueue<>();
        final CompletableFuture<Boolean> closed = new CompletableFuture<>();
        volatile List<TracedEvent> underWay = List.of();
        volatile long dropped;
        private volatile boolean isOver;

        void add(TracedEvent event) {
            events.add(Optional.of(event));
        }

        void end() {
            events.add(Optional.empty());
        }

        @Override
        public Optional<TracedEvent> next(Duration patience) throws InterruptedException {
            Optional<TracedEvent> next = events.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
            if (next == null) {
                return Optional.empty();
            }
            isOver = next.isEmpty();
            return next;
        }

        @Override
        public boolean isOver() {
            return isOver;
        }

        @Override
        public List<TracedEvent> underWay() {
            return underWay;
        }

        @Override
        public long takeDropped() {
            long taken = dropped;
            dropped = 0;
            return taken;
        }

        @Override
        public void close() {
            end();
            closed.complete(true);
        }
    }
}
