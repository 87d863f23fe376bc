// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.updates;

import java.nio.file.Path;

import org.callosum.itests.updating.UpdateRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Overwrites an app's jar in {@code apps/} of a running distribution again and again, under load from outside. */
class UpdatesIT {
    /** Often, so that most of the run is updates; the distribution's own pace is 500. */
    private static final int POLL_MILLIS = 100;

    @Test
    void anAppThatIsUpdatedAgainAndAgainUnderLoadLosesNothingAndLeavesNothing(@TempDir Path folder) throws Exception {
        try (RunningDistribution runtime =
                RunningDistribution.start(Path.of(System.getProperty("callosum.launcher")), folder, POLL_MILLIS)) {
            new UpdateRun(runtime).run();

            assertThat(runtime.stop()).as("exit status").isZero();
        }
    }
}
