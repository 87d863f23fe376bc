// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.time.Duration;
import java.util.Optional;

/**
 * How long the oldest of what waits for one client has waited at most, without a time for each frame: from time to time the
 * end of the log is marked, with the time. When the client has got to the mark, all that waits is younger than it, and the
 * next mark is set. So what it says is too long by less than what the client took to get from one mark to the next.
 *
 * <p>Not thread-safe.
 */
final class BacklogAge {
    private boolean isWaiting;
    private long oldestNanos;
    private long markPosition;
    private long markNanos;

    /**
     * Is told how far the client has got.
     *
     * @param pending what waits for it, in bytes
     * @param position up to where in the log it has got; {@link Long#MAX_VALUE} if what waits is not in the log any more
     * @param end up to where the log goes
     */
    void update(long pending, long position, long end, long nowNanos) {
        if (pending == 0) {
            isWaiting = false;
        } else if (!isWaiting) {
            isWaiting = true;
            oldestNanos = nowNanos;
            markPosition = end;
            markNanos = nowNanos;
        } else if (position >= markPosition && position != Long.MAX_VALUE) {
            oldestNanos = markNanos;
            markPosition = end;
            markNanos = nowNanos;
        }
    }

    /** How long the oldest has waited at most; empty if nothing waits. */
    Optional<Duration> oldest(long nowNanos) {
        return isWaiting ? Optional.of(Duration.ofNanos(nowNanos - oldestNanos)) : Optional.empty();
    }
}
