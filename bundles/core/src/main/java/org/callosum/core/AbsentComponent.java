// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.util.Objects;

/**
 * A component that a bundle declares and that is not there, at one moment. Immutable.
 *
 * @param bundleId the id of its bundle
 * @param bundle that bundle's symbolic name
 * @param name its name
 * @param isHandler whether it would be a handler
 * @param cause why it is not there, in a word
 * @param reason the same as a sentence for an operator, with what it lacks: names in it are as bundles gave them, who shows it
 *     has to escape them
 */
public record AbsentComponent(
        long bundleId, String bundle, String name, boolean isHandler, Cause cause, String reason) {
    /** Why a component is not there. */
    public enum Cause {
        /** It is not enabled. */
        DISABLED,
        /** It demands a configuration, and there is none. */
        CONFIGURATION,
        /** No service is there that it refers to. */
        REFERENCE,
        /** It could be activated, and failed. */
        ACTIVATION
    }

    /** Checks that nothing is {@code null}. */
    public AbsentComponent {
        Objects.requireNonNull(bundle, "bundle");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(cause, "cause");
        Objects.requireNonNull(reason, "reason");
    }
}
