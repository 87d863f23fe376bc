// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.systemd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

class WatchdogTest {
    private final List<String> told = new ArrayList<>();
    private final RecordingLogger log = new RecordingLogger();
    private final FakeState state = new FakeState();

    @Test
    void itIsFedAsLongAsEventsMoveAndSaysOnceWhyNot() {
        var watchdog = new Watchdog(new Movement(state), words -> told.addAll(List.of(words)), log.logger());
        state.queued = 1;

        watchdog.look();
        watchdog.look();
        watchdog.look();
        assertThat(told).containsExactly("WATCHDOG=1");
        assertThat(log.lines())
                .singleElement()
                .asString()
                .startsWith("ERROR systemd's watchdog is not fed, and ends this process if that goes on: of 1 events")
                .contains(" [reason=\"of 1 events ");

        state.queued = 0;
        watchdog.look();
        assertThat(told).containsExactly("WATCHDOG=1", "WATCHDOG=1");
    }

    @Test
    void itGoesOnToLookWhenALookFails() {
        var watchdog = new Watchdog(new Movement(state), words -> told.addAll(List.of(words)), log.logger());
        state.busFailure = new UnsupportedOperationException("broken");
        watchdog.look();
        state.busFailure = null;

        watchdog.look();

        assertThat(told).containsExactly("WATCHDOG=1");
        assertThat(log.lines()).hasSize(1);
    }

    @Test
    void itLooksMoreOftenThanItHasTo() throws Exception {
        var fed = new CountDownLatch(4);
        try (var watchdog = new Watchdog(
                new Movement(state),
                words -> {
                    fed.countDown();
                    return true;
                },
                log.logger())) {
            watchdog.start(Duration.ofMillis(4));

            assertThat(fed.await(10, SECONDS)).isTrue();
        }
    }

    @Test
    void theLimitIsWhatSystemdSaysToThisProcess() {
        assertThat(Watchdog.limit(Map.of("WATCHDOG_USEC", "120000000", "WATCHDOG_PID", "7"), 7))
                .contains(Duration.ofMinutes(2));
        assertThat(Watchdog.limit(Map.of("WATCHDOG_USEC", "120000000"), 7)).contains(Duration.ofMinutes(2));
        assertThat(Watchdog.limit(Map.of("WATCHDOG_USEC", "120000000", "WATCHDOG_PID", "8"), 7))
                .isEmpty();
        assertThat(Watchdog.limit(Map.of(), 7)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "soon", "99999999999999999999"})
    void aLimitThatIsNoneIsNone(String micros) {
        assertThat(Watchdog.limit(Map.of("WATCHDOG_USEC", micros), 7)).isEmpty();
    }

    @Test
    void aCommandThatIsMissingIsSaidWithTheRemedy() {
        assertThat(new SystemdNotify("/nowhere/systemd-notify", log.logger()).tell("READY=1"))
                .isFalse();
        assertThat(log.lines())
                .singleElement()
                .asString()
                .startsWith("WARN systemd is not told READY=1: '/nowhere/systemd-notify' cannot be run (")
                .contains("; install it, or have the unit say Type=exec and no WatchdogSec [told=\"READY=1\""
                        + " command=/nowhere/systemd-notify reason=");
    }

    @Test
    void aCommandThatFailsIsSaid() {
        assertThat(new SystemdNotify("false", log.logger()).tell("READY=1")).isFalse();
        assertThat(log.lines())
                .extracting(Object::toString)
                .containsExactly("WARN systemd is not told READY=1: 'false' ended with status 1"
                        + " [told=\"READY=1\" command=false status=1]");
    }
}
