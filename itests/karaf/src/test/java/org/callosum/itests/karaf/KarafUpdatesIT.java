// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.karaf;

import org.callosum.itests.updating.UpdateRun;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

import static org.assertj.core.api.Assertions.assertThat;

/** Updates an app by {@code bundle:update} in Karaf's own shell again and again, under load from outside. */
public class KarafUpdatesIT {
    @Rule
    public final TemporaryFolder folder = new TemporaryFolder();

    @Before
    public void skipWhereKarafDoesNotRun() {
        KarafRunner.skipWhereKarafDoesNotRun();
    }

    @Test
    public void anAppThatIsUpdatedAgainAndAgainUnderLoadLosesNothingAndLeavesNothing() throws Exception {
        try (RunningKaraf karaf = RunningKaraf.start(folder.getRoot().toPath())) {
            new UpdateRun(karaf).run();

            assertThat(karaf.stop()).as("exit status").isZero();
        }
    }
}
