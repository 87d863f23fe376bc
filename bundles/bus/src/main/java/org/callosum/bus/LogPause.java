// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.concurrent.TimeUnit;

import org.callosum.api.KeyValues;

/**
 * Keeps a line that others can cause at will from filling the log, and from taking the time of who writes it: once a second, or so
 * many times, with the number of those left out.
 */
public final class LogPause {
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final int lines;
    private boolean hasSpoken;
    private long beginNanos;
    private int spoken;
    private long leftOut;
    private long leftOutBefore;

    /** One that lets a line through once a second. */
    public LogPause() {
        this(1);
    }

    /**
     * One that lets several through.
     *
     * @param lines how many in the second that begins with the first of them
     */
    LogPause(int lines) {
        this.lines = lines;
    }

    /** Whether the line may be logged now; if not, it is counted. */
    public boolean isOver(long nowNanos) {
        if (!isOverAt(nowNanos)) {
            leftOut++;
            return false;
        }
        speak(nowNanos);
        return true;
    }

    /** The same for a line that two pauses have to let through: if only this one does, both count it. */
    boolean isOver(long nowNanos, LogPause another) {
        if (!isOverAt(nowNanos) || !another.isOver(nowNanos)) {
            leftOut++;
            return false;
        }
        speak(nowNanos);
        return true;
    }

    private boolean isOverAt(long nowNanos) {
        return !hasSpoken || spoken < lines || nowNanos - beginNanos >= PAUSE_NANOS;
    }

    private void speak(long nowNanos) {
        if (!hasSpoken || nowNanos - beginNanos >= PAUSE_NANOS) {
            hasSpoken = true;
            beginNanos = nowNanos;
            spoken = 0;
        }
        spoken++;
        leftOutBefore = leftOut;
        leftOut = 0;
    }

    /** The end of the line: how many were left out before it; empty if none was. */
    public String suppressed() {
        return suppressed("");
    }

    /** The same, and of whom: with a space before it. */
    String suppressed(String ofWhom) {
        return leftOutBefore == 0 ? "" : " (and " + leftOutBefore + " more" + ofWhom + " before)";
    }

    /** The same for the values behind the line. */
    public KeyValues keyValues() {
        return keyValues("left_out");
    }

    /** The same under another name. */
    KeyValues keyValues(String key) {
        return KeyValues.of(key, leftOutBefore == 0 ? null : leftOutBefore);
    }
}
