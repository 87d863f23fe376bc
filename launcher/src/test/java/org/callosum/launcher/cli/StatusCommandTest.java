// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StatusCommandTest {
    @Test
    void aNegativeTimeToWaitIsWrongUsage() {
        Run run = Run.of(new StatusCommand(), "--wait=-1");

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("Option --wait is -1: give seconds, 0 or more");
    }
}
