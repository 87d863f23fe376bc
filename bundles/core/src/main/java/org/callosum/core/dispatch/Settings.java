// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;

/**
 * How handlers are run. Immutable.
 *
 * @param workers how many handlers run side by side, 1 to {@value #MAX_WORKERS}
 * @param timeout how long a handler may run before it is no longer waited for, 1 ms to 1 h
 */
public record Settings(int workers, Duration timeout) {
    /** The most workers. */
    public static final int MAX_WORKERS = 256;

    /** The longest time limit. */
    public static final Duration MAX_TIMEOUT = Duration.ofHours(1);

    /** What the original does. Last of the constants, for it is checked against them. */
    public static final Settings DEFAULT = new Settings(4, Duration.ofSeconds(30));

    /** Checks both. */
    public Settings {
        if (workers < 1 || workers > MAX_WORKERS) {
            throw new IllegalArgumentException("Workers " + workers + " is out of range: 1 to " + MAX_WORKERS);
        }
        if (timeout.compareTo(Duration.ofMillis(1)) < 0 || timeout.compareTo(MAX_TIMEOUT) > 0) {
            throw new IllegalArgumentException("Timeout " + timeout + " is out of range: 1 ms to 1 h");
        }
    }

    long timeoutNanos() {
        return timeout.toNanos();
    }

    /**
     * How long a handler waits for a worker before an extra one is started for it. With it the handlers of one event that
     * all hang hold the event up for little more than one time limit, however many they are.
     */
    long patienceNanos() {
        return timeoutNanos() / 10;
    }
}
