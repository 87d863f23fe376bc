// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import org.apache.felix.hc.api.Result;
import org.callosum.core.HealthStatus.State;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

class FelixCheckTest {
    private final FakeCore core = new FakeCore();

    @ParameterizedTest
    @EnumSource(State.class)
    void aCheckHasFelixStateOfTheSameName(State state) {
        core.queueHealth = state;

        Result result = new FelixCheck(core.health, "queue").execute();

        assertThat(result.getStatus()).isEqualTo(Result.Status.valueOf(state.name()));
        assertThat(result).extracting("message").containsExactly("as it is\\u001b");
    }
}
