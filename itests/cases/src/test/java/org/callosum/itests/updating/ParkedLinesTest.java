// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.updating;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ParkedLinesTest {
    @Test
    void linesOfAllKindsAreSummedUp() {
        assertThat(ParkedLines.of(List.of(
                        "INFO  a is back after 0.068 s: of 118 parked events 118 were handed over",
                        "WARN  a is back after 0.642 s: of 20 parked events 15 were handed over, 5 were given up",
                        "WARN  b: it did not come back within 10.000 s: 7 parked events are given up",
                        "INFO  something else")))
                .isEqualTo(new ParkedLines(138, 133, 12, 0.642));
    }
}
