// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.time.Duration;

/**
 * What can be set about a client while it runs.
 *
 * @param maxFrameBytes the longest frame sent or taken, its line break not counted
 * @param queueMessages how many messages may wait to be sent
 * @param queueBytes how long they may be together
 * @param reconnectFirst how long it waits before it tries to connect for the second time
 * @param reconnectLongest what this wait doubles to
 */
public record ClientSettings(
        int maxFrameBytes, int queueMessages, long queueBytes, Duration reconnectFirst, Duration reconnectLongest) {
    /** What holds where nothing is set. */
    public static final ClientSettings DEFAULT = new ClientSettings(
            ServerSettings.DEFAULT_FRAME_BYTES,
            10_000,
            16L * 1024 * 1024,
            Duration.ofMillis(100),
            Duration.ofSeconds(5));

    /** Checks the ranges. */
    public ClientSettings {
        Limits.require("maxFrameBytes", maxFrameBytes, Limits.MIN_FRAME_BYTES, Limits.MAX_FRAME_BYTES);
        Limits.require("queueMessages", queueMessages, 1, Integer.MAX_VALUE);
        Limits.require("queueBytes", queueBytes, 1, Long.MAX_VALUE / 4);
        Limits.require("reconnectFirstMillis", reconnectFirst.toMillis(), 1, Limits.DAY_MILLIS);
        Limits.require(
                "reconnectLongestMillis", reconnectLongest.toMillis(), reconnectFirst.toMillis(), Limits.DAY_MILLIS);
    }
}
