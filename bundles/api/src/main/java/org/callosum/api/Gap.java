// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.api;

import java.time.Instant;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * Events that a handler should have had and will never get: what a {@link GapListener} is told. Immutable.
 *
 * @param reason why they could not be kept, never {@code null}
 * @param events how many they are, at least one; empty if nobody can know
 * @param from when the first of them was given up, or the time in which they may have been sent began; never {@code null}
 * @param to when the last of them was given up, or that time ended; never {@code null}, not before {@code from}
 */
public record Gap(Reason reason, OptionalLong events, Instant from, Instant to) {
    /** Why events could not be kept. Later versions may know more reasons. */
    public enum Reason {
        /** The handler's app was away for its update longer than events are kept, or more came than are kept. */
        PARKING_LIMIT,
        /** More events waited to be handled than the queue holds, on a bus whose senders cannot be made to wait. */
        QUEUE_FULL,
        /** Events that waited on disk could not be read back. */
        SPILL_UNREADABLE,
        /** This runtime was not on the bus: what others sent meanwhile is unknown. */
        BUS_AWAY
    }

    /** Checks all four. */
    public Gap {
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(events, "events");
        if (events.isPresent() && events.getAsLong() < 1) {
            throw new IllegalArgumentException("A gap of " + events.getAsLong()
                    + " events is none: give at least one, or nothing if the number is unknown");
        }
        if (to.isBefore(from)) {
            throw new IllegalArgumentException("A gap from " + from + " to " + to + " ends before it begins");
        }
    }

    /** Says what is missing, for a log line: {@code 12 events from … to … (PARKING_LIMIT)}. */
    @Override
    public String toString() {
        String count = events.isPresent() ? events.getAsLong() + " events" : "an unknown number of events";
        return count + " from " + from + " to " + to + " (" + reason + ")";
    }
}
