// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** Amounts as people read them, with their unit. */
final class Amounts {
    private static final String[] BYTE_UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private Amounts() {}

    /** A size: {@code 0 B}, {@code 1.5 KiB}, {@code 64.0 MiB}. */
    static String size(long bytes) {
        double amount = bytes;
        int unit = 0;
        // What would be written as 1024.0 is one of the next unit.
        while (amount >= 1023.95 && unit < BYTE_UNITS.length - 1) {
            amount /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", amount, BYTE_UNITS[unit]);
    }

    /** A time span in one or two units: {@code 0 ms}, {@code 85 µs}, {@code 1.2 s}, {@code 2 min 5 s}, {@code 3 h 12 min}, {@code 2 d 3 h}. */
    static String duration(Duration duration) {
        if (!duration.isZero() && duration.toMillis() == 0) {
            return duration.toNanos() / 1_000 + " µs";
        }
        if (duration.toMillis() < 1_000) {
            return duration.toMillis() + " ms";
        }
        if (duration.toSeconds() < 60) {
            return duration.toSeconds() + "." + duration.toMillisPart() / 100 + " s"; // cut: 59.99 s is not yet 60.0 s
        }
        if (duration.toMinutes() < 60) {
            return duration.toMinutes() + " min " + duration.toSecondsPart() + " s";
        }
        if (duration.toHours() < 24) {
            return duration.toHours() + " h " + duration.toMinutesPart() + " min";
        }
        return duration.toDays() + " d " + duration.toHoursPart() + " h";
    }

    /** How long ago a moment was; never negative, for the clock may have been set. */
    static String ago(Instant at, Instant now) {
        return duration(at.isBefore(now) ? Duration.between(at, now) : Duration.ZERO) + " ago";
    }

    /** A rate: {@code 0/s}, {@code <0.1/s}, {@code 0.3/s}, {@code 12/s}. */
    static String rate(double perSecond) {
        if (perSecond == 0) {
            return "0/s";
        }
        if (perSecond < 0.05) {
            return "<0.1/s";
        }
        return String.format(Locale.ROOT, perSecond < 9.95 ? "%.1f/s" : "%.0f/s", perSecond);
    }
}
