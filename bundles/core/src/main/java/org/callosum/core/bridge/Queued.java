// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.bridge;

import org.callosum.api.Message;
import org.callosum.core.spill.Spilled;

/**
 * A message that waits in memory. Immutable.
 *
 * @param message the message
 * @param bytes what it takes there
 * @param sinceNanos when it was received, as {@link System#nanoTime()} counts
 * @param position where it is on disk, too; {@link Spilled#NOWHERE} if it is not
 */
record Queued(Message message, long bytes, long sinceNanos, long position) {
    /** What a message takes besides its text, about: the objects around it. */
    static final long OVERHEAD_BYTES = 200;

    static Queued of(Message message) {
        return new Queued(message, message.toUtf8().remaining() + OVERHEAD_BYTES, System.nanoTime(), Spilled.NOWHERE);
    }

    /** One that was read back from disk: how long it has waited counts on. */
    static Queued of(Spilled spilled, long nowNanos, long nowMillis) {
        return new Queued(
                spilled.message(),
                spilled.message().toUtf8().remaining() + OVERHEAD_BYTES,
                nowNanos - Math.max(0, nowMillis - spilled.sinceMillis()) * 1_000_000,
                spilled.position());
    }

    Spilled toSpilled(long nowNanos, long nowMillis) {
        return new Spilled(message, nowMillis - (nowNanos - sinceNanos) / 1_000_000);
    }

    boolean isOnDisk() {
        return position != Spilled.NOWHERE;
    }
}
