// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.util.Optional;

import org.callosum.core.BridgeStatus;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class QueueViewTest {
    static final BridgeStatus SPILLING = new BridgeStatus(
            true,
            Optional.empty(),
            12,
            70_000,
            Duration.ofMillis(1_250),
            7,
            2_097_152,
            Duration.ofMillis(900),
            65_000,
            64_988,
            0,
            5,
            1);

    @Test
    void whatIsInMemoryIsToldFromWhatIsOnDisk() {
        assertThat(QueueView.text(SPILLING, Screen.PLAIN))
                .isEqualTo(
                        """
                WHERE      EVENTS      SIZE  OLDEST
                in memory       5  68.4 KiB   1.2 s
                on disk         7   2.0 MiB  900 ms

                Received    65000 events
                Dispatched  64988 events
                Given up    0 events
                Emitted     5 messages
                Refused     1 message
                """);
    }

    @Test
    void scriptsGetItInBaseUnits() {
        assertThat(QueueView.json(SPILLING))
                .containsEntry("queued", 12L)
                .containsEntry("spilledBytes", 2_097_152L)
                .containsEntry("oldestQueuedNanos", 1_250_000_000L);
    }
}
