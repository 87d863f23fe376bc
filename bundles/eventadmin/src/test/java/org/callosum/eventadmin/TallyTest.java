// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.eventadmin;

import java.util.concurrent.atomic.AtomicLong;

import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TallyTest {
    private final RecordingLogger log = new RecordingLogger();
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1); // nanoTime may overflow
    private final Tally tally = new Tally("events are lost", now::get, log.logger());

    @Test
    void nothingLostIsNothingSaid() {
        assertThat(tally.report()).isEqualTo(Long.MAX_VALUE);
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void theFirstLossIsSaidAtOnceTheNextOnesOnceAPeriod() {
        tally.add(1);
        tally.report();
        tally.add(2);
        tally.add(3);
        assertThat(tally.report()).isEqualTo(Tally.PERIOD.toNanos());
        assertThat(log.lines()).containsExactly("WARN 1 events are lost; 1 in all [events=1 events_in_all=1]");

        now.addAndGet(Tally.PERIOD.toNanos());
        assertThat(tally.report()).isEqualTo(Long.MAX_VALUE);

        assertThat(log.lines())
                .containsExactly(
                        "WARN 1 events are lost; 1 in all [events=1 events_in_all=1]",
                        "WARN 5 events are lost; 6 in all [events=5 events_in_all=6]");
    }
}
