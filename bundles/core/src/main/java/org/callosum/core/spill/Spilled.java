// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.spill;

import org.callosum.api.Message;

/**
 * An event that is on disk, or goes there. Immutable.
 *
 * @param message the event
 * @param sinceMillis when it was received, in milliseconds since 1970
 * @param position its place in the order; {@link #NOWHERE} before it was written
 */
public record Spilled(Message message, long sinceMillis, long position) {
    /** The position of an event that is not on disk. */
    public static final long NOWHERE = -1;

    /** An event that is to be written. */
    public Spilled(Message message, long sinceMillis) {
        this(message, sinceMillis, NOWHERE);
    }
}
