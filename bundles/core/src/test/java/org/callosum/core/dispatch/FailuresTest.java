// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.Message;
import org.callosum.core.HandlerEvent;
import org.callosum.core.HandlerFailure;
import org.callosum.core.RuntimeListener;
import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** A handler that fails again and again fills neither the log nor hides what else fails. */
@Timeout(60)
class FailuresTest {
    private final RecordingLogger log = new RecordingLogger();
    private final ManualTicker ticker = new ManualTicker();
    private final Handlers handlers = new Handlers();
    private final SerialDispatcher dispatcher =
            TestDispatcher.of(handlers).with(ticker).with(log).make();

    @BeforeEach
    void start() {
        dispatcher.start();
    }

    @AfterEach
    void stop() {
        dispatcher.stop();
    }

    @Test
    void theSameFailureOfAHandlerIsLoggedOnceAMinuteWithTheNumberOfTheRest() throws Exception {
        handlers.add("a", "b", context -> fail("no file " + context.msg().longNumber("n")));
        for (int n = 0; n < 5; n++) {
            dispatch(n);
        }
        assertThat(log.await("error").text())
                .isEqualTo("app/Handler1 on a/b failed: the other handlers and later events are not affected"
                        + " [app=app handler=Handler1 service_id=1 tract=a event=b"
                        + " reason=\"java.lang.IllegalArgumentException: no file Optional[0]\"]");

        ticker.advance(Duration.ofMinutes(1));
        dispatch(5);

        assertThat(log.await("error").text())
                .contains("not affected (and 4 times more since it was said last) [app=app handler=Handler1 ")
                .endsWith(" left_out=4]");
        assertThat(dispatcher.handlers().get(0).failed()).as("all are counted").isEqualTo(6);
        dispatcher.stop(); // behind it all is said
        assertThat(log.lines("error")).hasSize(2);
    }

    @Test
    void theTextOfTheStackIsMadeOnceForEachThatIsLogged() {
        var texts = new AtomicInteger();
        handlers.add("a", "b", context -> {
            throw new IllegalStateException(
                    "no file " + context.msg().longNumber("n").orElseThrow()) {
                @Override
                public synchronized Throwable getCause() {
                    texts.incrementAndGet(); // asked for the text alone
                    return null;
                }
            };
        });
        dispatch(0);
        int ofOne = texts.get();
        for (int n = 1; n < 5; n++) {
            dispatch(n);
        }
        assertThat(texts).hasPositiveValue().hasValue(ofOne);
        HandlerFailure last = dispatcher.handlers().get(0).lastFailure().orElseThrow();
        assertThat(last.error()).as("what it said is of the last one").endsWith("no file 4");
        assertThat(last.trace()).first().asString().contains(getClass().getName());

        ticker.advance(Duration.ofMinutes(1));
        dispatch(5);

        assertThat(texts).hasValue(2 * ofOne);
    }

    @Test
    void eachFailureHasItsOwnStackAlsoIfItIsNotLogged() {
        handlers.add("a", "b", context -> {
            if (context.msg().longNumber("n").orElseThrow() == 0) {
                fail("here");
            }
            throw new IllegalStateException("there");
        });
        List<String> here = traceOf(0);
        List<String> there = traceOf(1);
        assertThat(here).isNotEqualTo(there);

        assertThat(traceOf(0)).isEqualTo(here);
        assertThat(traceOf(1)).isEqualTo(there);
    }

    @Test
    void anotherFailureIsLoggedAtOnce() {
        handlers.add("a", "b", context -> {
            if (context.msg().longNumber("n").orElseThrow() == 0) {
                fail("here");
            }
            throw new IllegalStateException("there");
        });
        dispatch(0);
        dispatch(1);
        dispatch(0);
        dispatch(1);
        dispatcher.stop();

        assertThat(log.texts("error")).hasSize(2);
    }

    @Test
    void theSameFailureOfAnotherHandlerIsLogged() {
        CallosumEventHandler failing = context -> fail("here");
        handlers.add("a", "b", failing);
        handlers.add("a", "b", failing);

        dispatch(0);
        dispatcher.stop();

        assertThat(log.texts("error")).hasSize(2);
    }

    @Test
    void whoListensIsToldOfEveryOneAndMayThrow() {
        var told = new LinkedBlockingQueue<HandlerEvent>();
        dispatcher.report(new RuntimeListener() {
            @Override
            public void happened(HandlerEvent event) {
                told.add(event);
                throw new IllegalStateException("a listener");
            }
        });
        handlers.add("a", "b", context -> fail("no\nfile"));

        dispatch(0);
        dispatch(1);

        assertThat(told).hasSize(2).allSatisfy(event -> {
            assertThat(event.kind()).isEqualTo(HandlerEvent.Kind.FAILED);
            assertThat(event.app() + "/" + event.handler()).isEqualTo("app/Handler1");
            assertThat(event.message()).map(Message::toString).hasValue("a/b");
            assertThat(event.reason()).isEqualTo("java.lang.IllegalArgumentException: no\\u000afile");
        });
    }

    @Test
    void anErrorOfWhoListensTakesNoWorker() throws Exception {
        dispatcher.report(new RuntimeListener() {
            @Override
            public void happened(HandlerEvent event) {
                throw new StackOverflowError("a listener's");
            }
        });
        handlers.add("a", "b", context -> fail("no file"));

        for (int n = 0; n < 2; n++) {
            assertThat(TestDispatcher.dispatchAsync(dispatcher, Message.of("a", "b", Map.of("n", n)))
                            .get(10, TimeUnit.SECONDS))
                    .isEqualTo(1);
        }

        assertThat(dispatcher.handlers().get(0).failed()).isEqualTo(2);
        assertThat(log.await("error").text()).startsWith("app/Handler1 on a/b failed: ");
    }

    private List<String> traceOf(int n) {
        dispatch(n);
        return dispatcher.handlers().get(0).lastFailure().orElseThrow().trace();
    }

    private void dispatch(int n) {
        assertThat(dispatcher.dispatch(Message.of("a", "b", Map.of("n", n)))).isPositive();
    }

    private static void fail(String text) {
        throw new IllegalArgumentException(text);
    }
}
