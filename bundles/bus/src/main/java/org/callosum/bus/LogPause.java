// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.concurrent.TimeUnit;

import org.callosum.api.KeyValues;

/** Keeps a line that others can cause at will from filling the log: once a second, with the number of those left out. */
public final class LogPause {
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private boolean hasSpoken;
    private long spokeAtNanos;
    private long leftOut;
    private long leftOutBefore;

    /** Whether the line may be logged now; if not, it is counted. */
    public boolean isOver(long nowNanos) {
        if (hasSpoken && nowNanos - spokeAtNanos < PAUSE_NANOS) {
            leftOut++;
            return false;
        }
        hasSpoken = true;
        spokeAtNanos = nowNanos;
        leftOutBefore = leftOut;
        leftOut = 0;
        return true;
    }

    /** The end of the line: how many were left out before it; empty if none was. */
    public String suppressed() {
        return leftOutBefore == 0 ? "" : " (and " + leftOutBefore + " more before)";
    }

    /** The same for the values behind the line. */
    public KeyValues keyValues() {
        return KeyValues.of("left_out", leftOutBefore == 0 ? null : leftOutBefore);
    }
}
