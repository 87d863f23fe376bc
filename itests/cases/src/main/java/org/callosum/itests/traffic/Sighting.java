// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.traffic;

import java.util.Optional;

/**
 * What a handler says on the bus of a numbered event that it handled. Immutable.
 *
 * @param by the handler's label
 * @param version the version of its bundle
 * @param setting its setting {@code setting}; empty if it has none
 * @param instance a number of its own for each object of its class
 * @param n the event's number
 * @param t when the event was due, on the sender's {@link System#nanoTime()}
 */
public record Sighting(String by, String version, String setting, long instance, long n, long t) {
    private static final String START = "{\"tract\":\"numbered\",\"event\":\"seen\",";

    /**
     * Reads a frame of the bus.
     *
     * @return empty if it is something else
     * @throws IllegalArgumentException if it is one, and lacks a field
     */
    static Optional<Sighting> read(String frame) {
        if (!frame.startsWith(START)) {
            return Optional.empty();
        }
        return Optional.of(new Sighting(
                text(frame, "by"),
                text(frame, "version"),
                text(frame, "setting"),
                number(frame, "instance"),
                number(frame, "n"),
                number(frame, "t")));
    }

    /** The texts are names of this project's tests, which have nothing to escape. */
    private static String text(String frame, String field) {
        int start = startOf(frame, "\"" + field + "\":\"");
        return frame.substring(start, frame.indexOf('"', start));
    }

    private static long number(String frame, String field) {
        int start = startOf(frame, "\"" + field + "\":");
        int end = start;
        while (Character.isDigit(frame.charAt(end)) || frame.charAt(end) == '-') {
            end++;
        }
        return Long.parseLong(frame.substring(start, end));
    }

    private static int startOf(String frame, String name) {
        int at = frame.indexOf(name);
        if (at < 0) {
            throw new IllegalArgumentException("Frame '" + frame + "' has no field " + name
                    + ": it is to have by, version, setting, instance, n and t");
        }
        return at + name.length();
    }
}
