// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.api;

import java.time.Instant;
import java.util.OptionalLong;

import org.callosum.api.Gap.Reason;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class GapTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    @Test
    void saysHowManyEventsAreMissingSinceWhenAndWhy() {
        assertThat(new Gap(Reason.PARKING_LIMIT, OptionalLong.of(12), NOON, NOON.plusSeconds(3)))
                .hasToString("12 events from 2026-01-01T12:00:00Z to 2026-01-01T12:00:03Z (PARKING_LIMIT)");
        assertThat(new Gap(Reason.BUS_AWAY, OptionalLong.empty(), NOON, NOON))
                .hasToString(
                        "an unknown number of events from 2026-01-01T12:00:00Z to 2026-01-01T12:00:00Z (BUS_AWAY)");
    }

    @Test
    void ofNoEventIsNone() {
        assertThatThrownBy(() -> new Gap(Reason.QUEUE_FULL, OptionalLong.of(0), NOON, NOON))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("A gap of 0 events is none: give at least one, or nothing if the number is unknown");
    }

    @Test
    void doesNotEndBeforeItBegins() {
        assertThatThrownBy(() -> new Gap(Reason.QUEUE_FULL, OptionalLong.empty(), NOON, NOON.minusNanos(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("A gap from 2026-01-01T12:00:00Z to 2026-01-01T11:59:59.999999999Z ends before it begins");
    }
}
