// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;

/**
 * When a handler that hangs again and again is called no more for a while: {@code dispatch.md}, rows 'a handler that hangs again
 * and again' and 'written-off workers'. Immutable.
 *
 * @param after after how many time-outs in a row; 0 for never
 * @param coolDown how long it then rests before it is tried again, 1 ms to {@code maxCoolDown}; doubles with each vain trial
 * @param maxCoolDown the longest rest
 * @param writtenOffEach at how many written-off workers of its own a handler that hangs is quarantined at once
 * @param writtenOff at how many written-off workers in all a handler that hangs is quarantined at once
 */
public record QuarantineRule(int after, Duration coolDown, Duration maxCoolDown, int writtenOffEach, int writtenOff) {
    /** What the contract says. */
    public static final QuarantineRule DEFAULT =
            new QuarantineRule(3, Duration.ofSeconds(30), Duration.ofHours(1), 3, 64);

    /** Checks all. */
    public QuarantineRule {
        if (after < 0 || writtenOffEach < 1 || writtenOff < 1) {
            throw new IllegalArgumentException("Quarantine after " + after + " time-outs, " + writtenOffEach + " and "
                    + writtenOff + " written-off workers is out of range: at least 0, 1 and 1");
        }
        if (coolDown.compareTo(Duration.ofMillis(1)) < 0 || coolDown.compareTo(maxCoolDown) > 0) {
            throw new IllegalArgumentException(
                    "Cool-down " + coolDown + " is out of range: 1 ms to " + maxCoolDown + ", the longest one");
        }
    }

    /** Whether a handler that has just overrun is called no more for a while. */
    boolean isMet(int timeoutsInARow, long itsWrittenOff, long allWrittenOff) {
        return after > 0 && (timeoutsInARow >= after || itsWrittenOff >= writtenOffEach || allWrittenOff >= writtenOff);
    }

    /** How long it rests after so many vain trials. */
    Duration coolDown(int vainTrials) {
        Duration rest = coolDown;
        for (int i = 0; i < vainTrials && rest.compareTo(maxCoolDown) < 0; i++) {
            rest = rest.multipliedBy(2);
        }
        return rest.compareTo(maxCoolDown) > 0 ? maxCoolDown : rest;
    }
}
