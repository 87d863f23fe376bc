// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update;

import java.util.List;

/** A new version lacks what it requires, and was not put into the place of the one that is there. */
public final class UnmetException extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * A version with what it lacks.
     *
     * @param version the version
     * @param unmet a sentence for each requirement that nobody meets, with the remedy
     */
    public UnmetException(String version, List<String> unmet) {
        super("version " + version + " lacks what it requires: " + String.join("; ", unmet));
    }
}
