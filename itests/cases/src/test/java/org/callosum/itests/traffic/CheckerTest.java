// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.traffic;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class CheckerTest {
    private final Checker checker = new Checker();

    @Test
    void cleanTrafficPasses() {
        say("a", LongStream.rangeClosed(1, 1_000).toArray());

        Tally tally = checker.tally("a", 1_000);

        assertThat(tally.isClean()).isTrue();
        assertThat(tally.seen()).isEqualTo(1_000);
    }

    @Test
    void aLostNumberIsFound() {
        say("a", 1, 2, 4, 5);

        Tally tally = checker.tally("a", 5);

        assertThat(tally.lost()).isEqualTo(new Tally.Faults(1, List.of(3L)));
        assertThat(tally.doubled().count()).isZero();
        assertThat(tally.reordered().count()).isZero();
        assertThat(tally.isClean()).isFalse();
    }

    @Test
    void numbersLostAtTheEndAreFound() {
        say("a", 1, 2, 3);

        assertThat(checker.tally("a", 5).lost()).isEqualTo(new Tally.Faults(2, List.of(4L, 5L)));
    }

    @Test
    void aHandlerThatNeverSaidAnythingHasLostAll() {
        assertThat(checker.tally("nobody", 3).lost()).isEqualTo(new Tally.Faults(3, List.of(1L, 2L, 3L)));
    }

    @Test
    void ofManyTheFirstFewAreNamedAndAllAreCounted() {
        say("a", 1, 100);

        Tally tally = checker.tally("a", 100);

        assertThat(tally.lost()).isEqualTo(new Tally.Faults(98, List.of(2L, 3L, 4L, 5L, 6L)));
        assertThat(tally).asString().contains("lost 98 [2, 3, 4, 5, 6]…");
    }

    @Test
    void aDoubledNumberIsFound() {
        say("a", 1, 2, 2, 3);

        Tally tally = checker.tally("a", 3);

        assertThat(tally.doubled()).isEqualTo(new Tally.Faults(1, List.of(2L)));
        assertThat(tally.lost().count()).isZero();
        assertThat(tally.reordered().count()).isZero();
        assertThat(tally.isClean()).isFalse();
    }

    @Test
    void aNumberSaidAgainMuchLaterIsDoubledAndNotReordered() {
        say("a", 1, 2, 3, 1);

        Tally tally = checker.tally("a", 3);

        assertThat(tally.doubled()).isEqualTo(new Tally.Faults(1, List.of(1L)));
        assertThat(tally.reordered().count()).isZero();
    }

    @Test
    void aReorderedNumberIsFound() {
        say("a", 1, 3, 2, 4);

        Tally tally = checker.tally("a", 4);

        assertThat(tally.reordered()).isEqualTo(new Tally.Faults(1, List.of(2L)));
        assertThat(tally.lost().count()).isZero();
        assertThat(tally.doubled().count()).isZero();
        assertThat(tally.isClean()).isFalse();
    }

    @Test
    void eachHandlerIsCheckedByItself() {
        say("a", 1, 2, 3);
        say("b", 1, 3);

        assertThat(checker.tally("a", 3).isClean()).isTrue();
        assertThat(checker.tally("b", 3).lost().first()).containsExactly(2L);
    }

    @Test
    void whatIsOutsideOfTheRangeIsNotMissed() {
        say("late", 3, 4, 5);

        assertThat(checker.tally("late", 3, 5).isClean()).isTrue();
    }

    @Test
    void eachChangeOfTheVersionIsTold() {
        checker.accept(sighting("a", "1.0.0", 1));
        checker.accept(sighting("a", "2.0.0", 2));
        checker.accept(sighting("a", "2.0.0", 3));
        checker.accept(sighting("a", "1.0.0", 4));

        assertThat(checker.tally("a", 4).versions()).containsExactly("1.0.0", "2.0.0", "1.0.0");
    }

    @Test
    void latencyIsFromWhenTheEventWasDue() {
        long due = System.nanoTime() - TimeUnit.SECONDS.toNanos(3);
        checker.accept(new Sighting("a", "1.0.0", "", 1, 1, due));

        Latency latency = checker.tally("a", 1).latency();

        assertThat(latency.count()).isEqualTo(1);
        assertThat(List.of(latency.median(), latency.p99(), latency.max()))
                .allSatisfy(each -> assertThat(each).isGreaterThanOrEqualTo(Duration.ofMillis(2_990)));
    }

    @Test
    void forgottenLatenciesDoNotCount() {
        say("a", 1, 2);
        checker.forgetLatencies();
        say("a", 3);

        assertThat(checker.tally("a", 3).latency().count()).isEqualTo(1);
    }

    @Test
    void whoWaitsForANumberIsToldWhenItComes() throws Exception {
        CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return checker.awaitNumber("a", 2, Duration.ofSeconds(30));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });

        say("a", 1, 2);

        assertThat(waiting.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(checker.awaitNumber("a", 3, Duration.ZERO)).isFalse();
    }

    private void say(String by, long... numbers) {
        for (long n : numbers) {
            checker.accept(sighting(by, "1.0.0", n));
        }
    }

    private static Sighting sighting(String by, String version, long n) {
        return new Sighting(by, version, "", 1, n, System.nanoTime());
    }
}
