// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.util.List;

import org.callosum.core.ParkedStatus;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ParkedViewTest {
    static final ParkedStatus AWAY = new ParkedStatus(
            "observer",
            11,
            "org.callosum.apps.observer",
            ParkedStatus.State.AWAY,
            Duration.ofMillis(1_200),
            Duration.ofMillis(1_200),
            512,
            70_000,
            512,
            0,
            3);

    private static final ParkedStatus DONE = new ParkedStatus(
            "greeter",
            7,
            "com.example.greeter",
            ParkedStatus.State.DONE,
            Duration.ofMinutes(1),
            Duration.ofMillis(1_200),
            0,
            0,
            300,
            300,
            0);

    @Test
    void whatIsParkedIsAboveWhatWas() {
        assertThat(ParkedView.text(List.of(AWAY), List.of(DONE), Screen.PLAIN))
                .isEqualTo(
                        """
                PARKED APP  STATE  EVENTS      SIZE  LEFT AGO   AWAY  PARKED  HANDED OVER  GIVEN UP  BUNDLE
                observer    away      512  68.4 KiB     1.2 s  1.2 s     512            0         3  org.callosum.apps.observer

                PARKED BEFORE  STATE  EVENTS  SIZE   LEFT AGO   AWAY  PARKED  HANDED OVER  GIVEN UP  BUNDLE
                greeter        done        0   0 B  1 min 0 s  1.2 s     300          300         0  com.example.greeter
                """);
        assertThat(ParkedView.text(List.of(), List.of(), Screen.PLAIN)).isEqualTo("Nothing is parked.\n");
    }

    @Test
    void scriptsGetBoth() {
        assertThat(ParkedView.json(List.of(AWAY), List.of(DONE)))
                .containsOnlyKeys("parked", "before")
                .containsEntry("parked", ParkedView.json(List.of(AWAY)));
        assertThat(ParkedView.json(List.of(AWAY)).get(0))
                .containsEntry("awayNanos", 1_200_000_000L)
                .containsEntry("bytes", 70_000L);
    }
}
