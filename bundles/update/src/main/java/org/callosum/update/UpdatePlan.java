// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update;

import java.util.List;
import java.util.Optional;

/**
 * What a change of an app would do. Immutable.
 *
 * @param before what is there now
 * @param after the version that would take its place; empty if none would
 * @param refreshed the bundles that would be refreshed along with it
 * @param unmet what the new version lacks of what it requires, a sentence each; if there is any it would be refused
 */
public record UpdatePlan(BundleVersion before, Optional<String> after, List<Dependent> refreshed, List<String> unmet) {
    /** Copies the lists. */
    public UpdatePlan {
        refreshed = List.copyOf(refreshed);
        unmet = List.copyOf(unmet);
    }
}
