// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A time as people type it: seconds, or with a unit. */
final class DurationWord implements ITypeConverter<Duration> {
    private static final Pattern WORD = Pattern.compile("(\\d+(?:\\.\\d+)?)(ms|s|m|min|h)?");
    private static final Map<String, Duration> UNITS = Map.of(
            "ms",
            Duration.ofMillis(1),
            "s",
            Duration.ofSeconds(1),
            "m",
            Duration.ofMinutes(1),
            "min", // as in the shell
            Duration.ofMinutes(1),
            "h",
            Duration.ofHours(1));
    private static final Duration MAX = Duration.ofDays(365);

    @Override
    public Duration convert(String word) {
        Matcher matcher = WORD.matcher(word);
        if (matcher.matches()) {
            Duration unit = UNITS.get(matcher.group(2) == null ? "s" : matcher.group(2));
            BigDecimal nanos = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit.toNanos()));
            if (nanos.signum() > 0 && nanos.compareTo(BigDecimal.valueOf(MAX.toNanos())) <= 0) {
                return Duration.ofNanos(nanos.longValue());
            }
        }
        throw new TypeConversionException("'" + word + "' is no time above 0: write seconds, or 500ms, 10s, 5m, 1h");
    }

    /** As it may stand in a sentence. */
    static String text(Duration time) {
        return BigDecimal.valueOf(time.toMillis(), 3).stripTrailingZeros().toPlainString() + " s";
    }
}
