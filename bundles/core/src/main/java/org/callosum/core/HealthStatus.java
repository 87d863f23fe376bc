// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.util.Objects;

/**
 * What one check of the runtime's health found at one moment. Immutable.
 *
 * @param check what was looked at: {@code bus}, {@code dispatcher}, {@code queue}, {@code handlers} or {@code parked}
 * @param state how it stands
 * @param text a sentence for an operator. Names in it are as the apps gave them: who shows it has to escape them
 */
public record HealthStatus(String check, State state, String text) {
    /** How something stands, the better before the worse. */
    public enum State {
        /** As it should be. */
        OK,
        /** The runtime works, and somebody should look. */
        WARN,
        /** Events are not handled, or not in time. */
        CRITICAL
    }

    /** Checks that nothing is {@code null}. */
    public HealthStatus {
        Objects.requireNonNull(check, "check");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(text, "text");
    }
}
