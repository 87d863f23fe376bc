// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;

/**
 * What is kept for an app that is away. Immutable.
 *
 * @param time for how long; zero or more
 * @param events how many events; 0 keeps none
 * @param bytes how many bytes their texts may have
 */
public record ParkingLimits(Duration time, int events, long bytes) {
    /** Ten seconds, 10,000 events, 16 MiB. */
    public static final ParkingLimits DEFAULT = new ParkingLimits(Duration.ofSeconds(10), 10_000, 16 << 20);

    /** Checks that none is negative. */
    public ParkingLimits {
        if (time.isNegative() || events < 0 || bytes < 0) {
            throw new IllegalArgumentException("Parking limits " + time + ", " + events + " events, " + bytes
                    + " bytes are out of range: none may be negative");
        }
    }
}
