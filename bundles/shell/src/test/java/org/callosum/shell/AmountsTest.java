// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class AmountsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "1, 1 B",
        "1023, 1023 B",
        "1024, 1.0 KiB",
        "1536, 1.5 KiB",
        "1048575, 1.0 MiB",
        "67108864, 64.0 MiB",
        "9223372036854775807, 8.0 EiB"
    })
    void aSizeHasTheUnitThatKeepsItShort(long bytes, String text) {
        assertThat(Amounts.size(bytes)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 ms",
        "999, 999 ms",
        "1000, 1.0 s",
        "30250, 30.2 s",
        "59999, 59.9 s",
        "60000, 1 min 0 s",
        "125000, 2 min 5 s",
        "3600000, 1 h 0 min",
        "11520000, 3 h 12 min",
        "183600000, 2 d 3 h"
    })
    void aTimeSpanHasOneOrTwoUnits(long millis, String text) {
        assertThat(Amounts.duration(Duration.ofMillis(millis))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0, 0/s", "0.04, <0.1/s", "0.05, 0.1/s", "0.34, 0.3/s", "9.94, 9.9/s", "9.95, 10/s", "12345.6, 12346/s"
    })
    void aRateHasADigitBehindThePointWhileItIsSmall(double perSecond, String text) {
        assertThat(Amounts.rate(perSecond)).isEqualTo(text);
    }

    @Test
    void aMomentThatIsToComeIsNow() {
        Instant now = Instant.parse("2026-01-01T12:00:00Z");

        assertThat(Amounts.ago(now.minusSeconds(90), now)).isEqualTo("1 min 30 s ago");
        assertThat(Amounts.ago(now.plusSeconds(90), now)).isEqualTo("0 ms ago");
    }
}
