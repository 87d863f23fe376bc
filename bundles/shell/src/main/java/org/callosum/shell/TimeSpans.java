// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.callosum.api.Printable;

/** Time spans as people type them: {@code 500ms}, {@code 10s}, {@code 1.5s}, {@code 5min}, {@code 1h}; without a unit, seconds. */
final class TimeSpans {
    private static final BigDecimal MOST_MILLIS =
            BigDecimal.valueOf(Duration.ofDays(365).toMillis());
    private static final Pattern SPAN = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)(ms|s|m|min|h)?");

    private TimeSpans() {}

    /**
     * Reads one.
     *
     * @param what what it is for, to be named in the error
     * @throws IllegalArgumentException if it is none, less than a millisecond, or more than a year
     */
    static Duration parse(String what, String text) {
        Matcher span = SPAN.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (span.matches()) {
            BigDecimal millis = new BigDecimal(span.group(1)).multiply(BigDecimal.valueOf(millis(span.group(2))));
            if (millis.compareTo(BigDecimal.ONE) >= 0 && millis.compareTo(MOST_MILLIS) <= 0) {
                return Duration.ofMillis(millis.longValue());
            }
        }
        throw new IllegalArgumentException(
                what + " " + Printable.quoted(text) + " is no time, up to a year: write 500ms, 10s, 5min or 1h");
    }

    private static long millis(String unit) {
        return switch (unit == null ? "s" : unit) {
            case "ms" -> 1;
            case "s" -> 1_000;
            case "h" -> 3_600_000;
            default -> 60_000;
        };
    }
}
