// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * How long to wait before the next attempt: doubling, up to a longest time, and each time cut by up to half at random, so
 * that many who lost the same bus do not come back at the same moment.
 */
final class Backoff {
    private final DoubleSupplier random;
    private long wholeNanos;

    /**
     * Makes one.
     *
     * @param random gives numbers from 0 to 1
     */
    Backoff(DoubleSupplier random) {
        this.random = random;
    }

    /** The next time to wait: half of it for certain, the other half by chance. */
    Duration next(Duration first, Duration longest) {
        wholeNanos = wholeNanos == 0 ? first.toNanos() : Math.min(2 * wholeNanos, longest.toNanos());
        long half = wholeNanos / 2;
        return Duration.ofNanos(wholeNanos - half + (long) (half * random.getAsDouble()));
    }

    /** Begins with the first time again. */
    void reset() {
        wholeNanos = 0;
    }
}
