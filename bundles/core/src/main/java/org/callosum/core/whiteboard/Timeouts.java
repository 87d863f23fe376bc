// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.whiteboard;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.regex.Pattern;

import org.callosum.core.dispatch.Settings;

/** Reads a time limit: a duration as ISO 8601 writes it, such as {@code PT5S}, or a number of milliseconds. */
final class Timeouts {
    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Pattern MILLIS = Pattern.compile("[+-]?[0-9]+");

    private Timeouts() {}

    /**
     * Reads a time limit.
     *
     * @throws IllegalArgumentException if it is none; the message says why
     */
    static Duration parse(String text) {
        Duration timeout = read(text.strip());
        if (timeout.compareTo(SHORTEST) < 0 || timeout.compareTo(Settings.MAX_TIMEOUT) > 0) {
            throw new IllegalArgumentException("is out of range: 1 ms to 1 h");
        }
        return timeout;
    }

    private static Duration read(String text) {
        try {
            return MILLIS.matcher(text).matches() ? Duration.ofMillis(Long.parseLong(text)) : Duration.parse(text);
        } catch (DateTimeParseException | NumberFormatException e) {
            throw new IllegalArgumentException("is no time", e);
        }
    }
}
