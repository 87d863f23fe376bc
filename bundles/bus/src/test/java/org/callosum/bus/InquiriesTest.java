// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(30)
class InquiriesTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final Inquiries inquiries = new Inquiries();

    @Test
    void theLoopsThreadAnswersInItsNextTurn() {
        Thread asking = Thread.currentThread();
        Runnable turn = () -> CompletableFuture.runAsync(inquiries::answer);

        Thread answering = inquiries.ask(Thread::currentThread, turn, asking, LONG);

        assertThat(answering).isNotSameAs(asking);
    }

    @Test
    void whoAsksALoopThatHasEndedIsAnsweredAtOnce() {
        inquiries.close();
        assertThat(inquiries.ask(() -> "live", () -> {}, "ended", LONG)).isEqualTo("ended");
    }

    @Test
    void whoWaitsWhenTheLoopEndsIsAnsweredAtOnce() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CompletableFuture<String> answer =
                CompletableFuture.supplyAsync(() -> inquiries.ask(() -> "live", asked::countDown, "ended", LONG));
        asked.await();
        inquiries.close();
        assertThat(answer.get()).isEqualTo("ended");
    }

    @Test
    void whatWasNotAnsweredInTimeIsNotDoneLater() {
        boolean[] isDone = {false};
        assertThatThrownBy(() -> inquiries.ask(() -> isDone[0] = true, () -> {}, false, Duration.ofMillis(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("within 1 ms");
        inquiries.answer();
        assertThat(isDone[0]).isFalse();
    }

    @Test
    void whatIsBeingAnsweredIsAnsweredToWhoIsInterrupted() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        boolean[] isInterrupted = {false};
        Thread loop = new Thread(inquiries::answer);
        CompletableFuture<String> answer = new CompletableFuture<>();
        Thread asking = new Thread(() -> {
            try {
                String given = inquiries.ask(
                        () -> {
                            begun.countDown();
                            goOn.await();
                            return "done";
                        },
                        loop::start,
                        "ended",
                        LONG);
                isInterrupted[0] = Thread.interrupted();
                answer.complete(given);
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        asking.start();
        begun.await();
        asking.interrupt();
        goOn.countDown();

        assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo("done"); // else nobody would know that it was
        assertThat(isInterrupted[0]).isTrue();
    }

    @Test
    void aFailureOfTheQuestionIsItsAskersAndTheNextIsAnswered() {
        Runnable turn = inquiries::answer;
        assertThatThrownBy(() -> inquiries.ask(
                        () -> {
                            throw new IllegalArgumentException("broken");
                        },
                        turn,
                        "ended",
                        LONG))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("broken");
        assertThat(inquiries.ask(() -> "live", turn, "ended", LONG)).isEqualTo("live");
    }

    @Test
    void anInterruptIsKept() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> inquiries.ask(() -> "live", () -> {}, "ended", LONG))
                .isInstanceOf(IllegalStateException.class);
        assertThat(Thread.interrupted()).isTrue();
    }
}
