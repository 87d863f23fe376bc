// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.List;

import org.callosum.core.Subscription;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What is near to {@code observe/observed}. */
class NearMissTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Observe  | observed | listens to Observe/observed: tract 'Observe' is not 'observe', upper and lower case count",
                "'observe '| observed | listens to observe /observed: tract 'observe ' is not 'observe', blanks count",
                "observe  | obsreved | listens to observe/obsreved: event 'obsreved' is not 'observed'",
                "*        | observe  | listens to */observe: event 'observe' is not 'observed'",
                "obs*     | observed | listens to obs*/observed: tract 'obs*' is a name, not a pattern: '*' alone is for all, several names are a list",
                "observed | observe  | listens to observed/observe: tract and event are the other way round",
                "Observe  | observer | listens to Observe/observer: tract 'Observe' is not 'observe', upper and lower case count, event 'observer' is not 'observed'",
                "observe  | status   | listens to observe/status: another event",
                "logs     | observed | listens to logs/observed: another tract"
            })
    void isSaidToBeNear(String tract, String event, String reason) {
        assertThat(NearMiss.of(List.of(new Subscription(tract, event)), "observe", "observed"))
                .map(NearMiss::reason)
                .contains(reason);
    }

    @ParameterizedTest
    @CsvSource({"logs, line", "*, status", "obs, line", "Observe, status", "ob*, status"})
    void isNotSaidToBeNear(String tract, String event) {
        assertThat(NearMiss.of(List.of(new Subscription(tract, event)), "observe", "observed"))
                .isEmpty();
    }

    @Test
    void theNearestOfSeveralIsSaid() {
        List<Subscription> several =
                List.of(new Subscription("observe", "status"), new Subscription("observe", "Observed"));

        assertThat(NearMiss.of(several, "observe", "observed"))
                .map(NearMiss::reason)
                .hasValueSatisfying(reason -> assertThat(reason).contains("'Observed'"));
    }

    @Test
    void namesOfAnyLengthTakeNoTime() {
        String name = "x".repeat(1_000_000);

        assertThat(NearMiss.of(List.of(new Subscription(name, "observed!")), name + "y", "observed"))
                .isEmpty();
    }
}
