// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.callosum.api.KeyValues;

/**
 * What can be set about a server while it runs.
 *
 * @param memoryBytes what all clients together may have it hold for messages; see {@link BusMemory}
 * @param maxFrameBytes the longest frame taken, its line break not counted; an eighth of the memory is the most
 * @param backlogBytes what may wait for one client before it is looked at as one that does not read
 * @param stall how long a client with a full backlog, or that has ended sending, may make no progress
 * @param slowPolicy what becomes of it then
 * @param allowedUsers users let in beside the own one and root
 * @param ownAllowanceBytes what this runtime may emit beyond full backlogs, and what may wait to be put into the order;
 *     an eighth of the memory is the most
 * @param absence how long senders wait for the runtime's core when it stops, and at a start for a shorter time; zero is
 *     not at all
 * @param busyPoll for how long after a message came the bus waits awake for the next one; zero is not at all
 * @param historyBytes what is kept of what came, for those who come later; zero is nothing
 */
record ServerSettings(
        long memoryBytes,
        int maxFrameBytes,
        long backlogBytes,
        Duration stall,
        SlowPolicy slowPolicy,
        Set<String> allowedUsers,
        long ownAllowanceBytes,
        Duration absence,
        Duration busyPoll,
        long historyBytes) {

    /** A second: what comes more seldom is not worth a processor. */
    private static final long LONGEST_POLL_MICROS = 1_000_000;

    private static final long DEFAULT_HISTORY_BYTES = 1024 * 1024;

    /** What a frame is longer by when it is passed on: a time stamp and a line break. */
    private static final int FRAME_EXTRA_BYTES = 64;

    static final int DEFAULT_FRAME_BYTES = 16 * 1024 * 1024;

    static final long DEFAULT_MEMORY_BYTES = 256L * 1024 * 1024;

    /** What holds where nothing is set. */
    static final ServerSettings DEFAULT = new ServerSettings(
            DEFAULT_MEMORY_BYTES,
            DEFAULT_FRAME_BYTES,
            64L * 1024 * 1024,
            Duration.ofSeconds(10),
            SlowPolicy.DISCONNECT,
            Set.of(),
            16L * 1024 * 1024,
            Duration.ofSeconds(10),
            Duration.ZERO,
            DEFAULT_HISTORY_BYTES);

    ServerSettings {
        Limits.require("memoryBytes", memoryBytes, Limits.MIN_MEMORY_BYTES, Long.MAX_VALUE / 4);
        Limits.require("maxFrameBytes", maxFrameBytes, Limits.MIN_FRAME_BYTES, Limits.MAX_FRAME_BYTES);
        Limits.require("backlogBytes", backlogBytes, 1, Long.MAX_VALUE / 4);
        Limits.require("stallMillis", stall.toMillis(), 1, Limits.DAY_MILLIS);
        Objects.requireNonNull(slowPolicy, "slowPolicy");
        allowedUsers = Set.copyOf(allowedUsers);
        Limits.require("ownAllowanceBytes", ownAllowanceBytes, 1, Long.MAX_VALUE / 4);
        Limits.require("absenceMillis", absence.toMillis(), 0, Limits.DAY_MILLIS);
        Limits.require("busyPollMicros", TimeUnit.NANOSECONDS.toMicros(busyPoll.toNanos()), 0, LONGEST_POLL_MICROS);
        Limits.require("historyBytes", historyBytes, 0, Long.MAX_VALUE / 4);
        maxFrameBytes = (int) Math.min(maxFrameBytes, memoryBytes / 8 - FRAME_EXTRA_BYTES);
        ownAllowanceBytes = Math.min(ownAllowanceBytes, memoryBytes / 8);
    }

    /** With how much memory the default for the longest frame holds. */
    static long memoryForDefaultFrame() {
        return 8L * (DEFAULT_FRAME_BYTES + FRAME_EXTRA_BYTES);
    }

    /** The unit in which the memory is shared out. */
    long eighthOfMemory() {
        return memoryBytes / 8;
    }

    /**
     * A share of the memory that the log may take: a backlog that takes that much is full, however few bytes are in it, and as much
     * again is for what this runtime emits beyond that. See {@link BusMemory}.
     */
    long logShareBytes() {
        return 2 * eighthOfMemory();
    }

    /** What the end of a log line says of the memory. */
    KeyValues memoryKeyValues() {
        return KeyValues.of("memory_bytes", memoryBytes);
    }

    /** What is really kept: whoever gets it has it for a backlog, which must not be full from the beginning. */
    long keptBytes() {
        return firstBacklogBytes(historyBytes);
    }

    /** So many bytes, or what a client may have for a backlog from the beginning if that is less. */
    long firstBacklogBytes(long wanted) {
        return Math.min(wanted, Math.min(backlogBytes / 2, eighthOfMemory()));
    }
}
