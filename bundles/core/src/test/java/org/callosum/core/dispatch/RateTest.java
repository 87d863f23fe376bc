// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.callosum.core.dispatch.TestDispatcher.message;

@Timeout(60)
class RateTest {
    private final Handlers handlers = new Handlers();
    private final ManualTicker ticker = new ManualTicker();
    private final SerialDispatcher dispatcher =
            TestDispatcher.of(handlers).with(ticker).make();

    @BeforeEach
    void start() {
        dispatcher.start();
    }

    @AfterEach
    void stop() {
        dispatcher.stop();
    }

    @Test
    void whatWasNeverLookedAtHasNone() {
        assertThat(new Rate().perSecond(1_000, 1)).isZero();
    }

    @Test
    void itGoesBackToTheFirstLookUntilTenSecondsHavePassed() {
        Rate rate = new Rate();
        for (int second = 0; second <= 100; second++) {
            rate.sample(second * 5L, seconds(second));
            if (second == 4) {
                assertThat(rate.perSecond(20, seconds(4))).isEqualTo(5);
                assertThat(rate.perSecond(100, seconds(10))).as("all since").isEqualTo(10);
            }
        }

        assertThat(rate.perSecond(500, seconds(100))).isEqualTo(5);
        assertThat(rate.perSecond(500 + 50, seconds(100)))
                .as("50 more in ten seconds")
                .isEqualTo(10);
    }

    @Test
    void itFallsToNothingWhenNothingComes() {
        Rate rate = new Rate();
        for (int second = 0; second <= 30; second++) {
            rate.sample(Math.min(second, 15) * 7L, seconds(second));
        }

        assertThat(rate.perSecond(15 * 7, seconds(30))).isZero();
    }

    @Test
    void aHandlersIsAmongItsNumbers() {
        handlers.add("a", "b", context -> {});
        RateWatch watch = new RateWatch(handlers::all, ticker);
        watch.look();
        for (int i = 0; i < 30; i++) {
            dispatcher.dispatch(message("a", "b"));
        }
        ticker.advance(Duration.ofSeconds(10));

        assertThat(dispatcher.handlers().get(0).perSecond()).isEqualTo(3);
    }

    private static long seconds(long count) {
        return Duration.ofSeconds(count).toNanos();
    }
}
