// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

/** The ranges of the settings. */
final class Limits {
    /** Shorter than this, not even a tract, an event and a time stamp fit. */
    static final long MIN_FRAME_BYTES = 64;

    /** An array's length, less what a time stamp and growing buffers need. */
    static final long MAX_FRAME_BYTES = 1L << 30;

    /** Sixteen chunks of the log: two for each share of {@link BusMemory}. */
    static final long MIN_MEMORY_BYTES = 16L * FrameLog.CHUNK_BYTES;

    static final long DAY_MILLIS = 24L * 60 * 60 * 1000;

    private Limits() {}

    /** Throws an {@link IllegalArgumentException} that names setting, value and range if the value is out of range. */
    static void require(String setting, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    "Setting '" + setting + "' is " + value + ": give a number from " + min + " to " + max);
        }
    }
}
