// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.health;

import java.time.Duration;

import org.callosum.core.HealthStatus.State;

/**
 * How long something may last. Immutable.
 *
 * @param warn from when on somebody should look
 * @param critical from when on it is broken; never less than the other
 */
public record Limits(Duration warn, Duration critical) {
    /** Later than one time limit of a handler holds an event up, unless that is configured. */
    public static final Limits DEFAULT = new Limits(Duration.ofSeconds(10), Duration.ofSeconds(60));

    /** Keeps the two in their order. */
    public Limits {
        critical = critical.compareTo(warn) < 0 ? warn : critical;
    }

    State of(Duration lasted) {
        if (lasted.compareTo(critical) >= 0) {
            return State.CRITICAL;
        }
        return lasted.compareTo(warn) >= 0 ? State.WARN : State.OK;
    }
}
