// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;

/**
 * How handlers are run. Immutable.
 *
 * @param workers how many handlers run side by side, 1 to {@value #MAX_WORKERS}
 * @param timeout how long a handler that does not say otherwise may run before it is no longer waited for, 1 ms to 1 h
 * @param maxTimeout the most that a handler may ask for, at least {@code timeout}, to 1 h
 * @param softPercent how much of its time limit a handler may take before it is logged as slow, 1 to 100; 0 for never
 * @param interrupts whether a handler that overruns is interrupted
 * @param quarantine when a handler that hangs again and again is called no more for a while
 * @param holdUp how long an event may wait before it is logged what holds it up; zero for ever
 */
public record Settings(
        int workers,
        Duration timeout,
        Duration maxTimeout,
        int softPercent,
        boolean interrupts,
        QuarantineRule quarantine,
        Duration holdUp) {
    /** The most workers. */
    public static final int MAX_WORKERS = 256;

    /** The longest time limit. */
    public static final Duration MAX_TIMEOUT = Duration.ofHours(1);

    /** How long an event may wait, unless that is configured. */
    public static final Duration HOLD_UP = Duration.ofSeconds(10);

    /** What the original does. Last of the constants, for it is checked against them. */
    public static final Settings DEFAULT =
            new Settings(4, Duration.ofSeconds(30), Duration.ofSeconds(30), 20, false, QuarantineRule.DEFAULT, HOLD_UP);

    /** Checks all. */
    public Settings {
        if (workers < 1 || workers > MAX_WORKERS) {
            throw new IllegalArgumentException("Workers " + workers + " is out of range: 1 to " + MAX_WORKERS);
        }
        if (timeout.compareTo(Duration.ofMillis(1)) < 0 || timeout.compareTo(MAX_TIMEOUT) > 0) {
            throw new IllegalArgumentException("Timeout " + timeout + " is out of range: 1 ms to 1 h");
        }
        if (maxTimeout.compareTo(timeout) < 0 || maxTimeout.compareTo(MAX_TIMEOUT) > 0) {
            throw new IllegalArgumentException(
                    "Greatest timeout " + maxTimeout + " is out of range: " + timeout + ", the timeout, to 1 h");
        }
        if (softPercent < 0 || softPercent > 100) {
            throw new IllegalArgumentException("Soft limit " + softPercent + " is out of range: 0 to 100 percent");
        }
        if (holdUp.isNegative()) {
            throw new IllegalArgumentException("Hold-up limit " + holdUp + " is out of range: 0 or more");
        }
    }

    /** Settings with these, under which nothing is said of events that wait. */
    public Settings(
            int workers,
            Duration timeout,
            Duration maxTimeout,
            int softPercent,
            boolean interrupts,
            QuarantineRule quarantine) {
        this(workers, timeout, maxTimeout, softPercent, interrupts, quarantine, Duration.ZERO);
    }

    /** Settings with these two, and what the contract says of the others; nothing is said of events that wait. */
    public Settings(int workers, Duration timeout) {
        this(workers, timeout, timeout, 20, false, QuarantineRule.DEFAULT);
    }

    /** How long this handler may run. */
    long limitNanos(Handler handler) {
        Duration asked = handler.registration().timeout().orElse(timeout);
        return (asked.compareTo(maxTimeout) > 0 ? maxTimeout : asked).toNanos();
    }

    /** How long this handler may run before it is logged as slow. */
    long softNanos(Handler handler) {
        return softPercent == 0 ? Long.MAX_VALUE : limitNanos(handler) / 100 * softPercent;
    }

    /**
     * How long an event waits for a worker before an extra one is started for it. With it the handlers of one event that
     * all hang hold the event up for little more than one time limit, however many they are.
     */
    long patienceNanos() {
        return timeout.toNanos() / 10;
    }
}
