// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

/**
 * What one handler listens to: a tract and an event, each a name or {@value #ANY}.
 *
 * <p>Immutable. Names are compared whole and case-sensitively; {@value #ANY} is the only wildcard, so {@code obs*} is a
 * name.
 *
 * @param tract neither {@code null} nor empty
 * @param event neither {@code null} nor empty
 */
public record Subscription(String tract, String event) {
    /** Matches every name, the empty one included. */
    public static final String ANY = "*";

    /** Checks both names. */
    public Subscription {
        requireName("tract", tract);
        requireName("event", event);
    }

    /** Whether an event of these names is meant. */
    public boolean matches(String itsTract, String itsEvent) {
        return isMeant(tract, itsTract) && isMeant(event, itsEvent);
    }

    private static boolean isMeant(String name, String its) {
        return name.equals(ANY) || name.equals(its);
    }

    private static void requireName(String property, String name) {
        if (name == null || name.isEmpty()) {
            throw new IllegalArgumentException(
                    "Property '" + property + "' is empty: give a name, or '" + ANY + "' for all");
        }
    }
}
