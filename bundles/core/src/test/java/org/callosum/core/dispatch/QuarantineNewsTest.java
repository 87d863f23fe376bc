// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.time.InstantSource;

import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** That a handler is in quarantine is said at once, wherever the thread that says it was when it began. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class QuarantineNewsTest {
    private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

    private final RecordingLogger log = new RecordingLogger();
    private final ManualTicker ticker = new ManualTicker();
    private final Reports reports = new Reports(log.logger());
    private final Parking parking =
            new Parking(ParkingLimits.DEFAULT, new Gaps(InstantSource.system()), new Facts(reports), ticker, reports);

    @Test
    void oneThatBeginsJustBeforeThatThreadWaitsForAChangeKeepsItFromWaiting() throws Exception {
        Handler handler = new Handlers().add("app", "one", context -> {});
        parking.open();
        assertThat(parking.quarantines().beginByHand(handler)).isTrue();

        parking.awaitChange(ticker.nanos(), LOOK_NANOS); // no time passes here: it would wait for ever
        parking.quarantines().report();

        assertThat(log.lines("WARN")).singleElement().asString().contains("'callosum:release ");
        parking.close();
    }
}
