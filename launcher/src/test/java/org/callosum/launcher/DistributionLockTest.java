// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DistributionLockTest {
    @TempDir
    Path home;

    @Test
    void aSecondHolderIsRefusedAndToldTheFirst() throws Exception {
        DistributionLock first = DistributionLock.acquire(new Distribution(home));

        assertThatThrownBy(() -> DistributionLock.acquire(new Distribution(home)))
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining("process " + ProcessHandle.current().pid() + " since ");
        first.close();
    }

    @Test
    void whenItIsClosedTheNextOneGetsIt() throws Exception {
        DistributionLock.acquire(new Distribution(home)).close();

        DistributionLock next = DistributionLock.acquire(new Distribution(home));

        assertThat(home.resolve("data/lock")).content().startsWith("process ");
        next.close();
    }

    @Test
    void aFileThatAKilledProcessLeftDoesNotMatter() throws Exception {
        Files.createDirectories(home.resolve("data"));
        Files.writeString(
                home.resolve("data/lock"), "process 1 since the beginning, and a longer text than the next\n");

        DistributionLock lock = DistributionLock.acquire(new Distribution(home));

        assertThat(home.resolve("data/lock")).content().hasLineCount(1).doesNotContain("beginning");
        lock.close();
    }
}
