// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.updating;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the runtime's log says of parked events, all apps together. Immutable.
 *
 * @param parked how many were parked
 * @param handedOver how many of those were handed over
 * @param givenUp how many were given up
 * @param longestSeconds the longest that an app was away and its events were being handed over
 */
public record ParkedLines(long parked, long handedOver, long givenUp, double longestSeconds) {
    private static final Pattern BACK = Pattern.compile("is back after ([0-9.]+) s: of ([0-9]+) parked events ([0-9]+)"
            + " were handed over(?:, ([0-9]+) were given up)?");
    private static final Pattern GIVEN_UP = Pattern.compile(": ([0-9]+) parked events are given up");

    /** Reads the lines of a log, whatever else they hold. */
    public static ParkedLines of(List<String> log) {
        long parked = 0;
        long handedOver = 0;
        long givenUp = 0;
        double longest = 0;
        for (String line : log) {
            Matcher back = BACK.matcher(line);
            Matcher lost = GIVEN_UP.matcher(line);
            if (back.find()) {
                longest = Math.max(longest, Double.parseDouble(back.group(1)));
                parked += Long.parseLong(back.group(2));
                handedOver += Long.parseLong(back.group(3));
                givenUp += back.group(4) == null ? 0 : Long.parseLong(back.group(4));
            } else if (lost.find()) {
                givenUp += Long.parseLong(lost.group(1));
            }
        }
        return new ParkedLines(parked, handedOver, givenUp, longest);
    }
}
