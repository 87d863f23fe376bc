// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.time.Duration;
import java.util.Set;

/** Settings of which a test sets what it is about; the rest is the default, but that no sender waits for the runtime's core. */
final class ServerSettingsBuilder {
    private long memoryBytes = ServerSettings.DEFAULT.memoryBytes();
    private int maxFrameBytes = ServerSettings.DEFAULT.maxFrameBytes();
    private long backlogBytes = ServerSettings.DEFAULT.backlogBytes();
    private Duration stall = ServerSettings.DEFAULT.stall();
    private SlowPolicy slowPolicy = ServerSettings.DEFAULT.slowPolicy();
    private Set<String> allowedUsers = ServerSettings.DEFAULT.allowedUsers();
    private long ownAllowanceBytes = ServerSettings.DEFAULT.ownAllowanceBytes();
    private Duration absence = Duration.ZERO;
    private Duration busyPoll = ServerSettings.DEFAULT.busyPoll();
    private long historyBytes = ServerSettings.DEFAULT.historyBytes();

    ServerSettingsBuilder memoryBytes(long bytes) {
        memoryBytes = bytes;
        return this;
    }

    ServerSettingsBuilder maxFrameBytes(int bytes) {
        maxFrameBytes = bytes;
        return this;
    }

    ServerSettingsBuilder backlogBytes(long bytes) {
        backlogBytes = bytes;
        return this;
    }

    ServerSettingsBuilder stall(Duration duration) {
        stall = duration;
        return this;
    }

    ServerSettingsBuilder slowPolicy(SlowPolicy policy) {
        slowPolicy = policy;
        return this;
    }

    ServerSettingsBuilder allowedUsers(Set<String> users) {
        allowedUsers = users;
        return this;
    }

    ServerSettingsBuilder ownAllowanceBytes(long bytes) {
        ownAllowanceBytes = bytes;
        return this;
    }

    ServerSettingsBuilder absence(Duration duration) {
        absence = duration;
        return this;
    }

    ServerSettingsBuilder busyPoll(Duration duration) {
        busyPoll = duration;
        return this;
    }

    ServerSettingsBuilder historyBytes(long bytes) {
        historyBytes = bytes;
        return this;
    }

    ServerSettings build() {
        return new ServerSettings(
                memoryBytes,
                maxFrameBytes,
                backlogBytes,
                stall,
                slowPolicy,
                allowedUsers,
                ownAllowanceBytes,
                absence,
                busyPoll,
                historyBytes);
    }
}
