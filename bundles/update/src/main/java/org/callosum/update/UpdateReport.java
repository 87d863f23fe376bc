// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a change of an app came to. Immutable.
 *
 * @param before what was there; empty if it was installed
 * @param after what is there now; empty if it was removed
 * @param runs whether what is there now runs
 * @param took how long the change took, without the looking afterwards
 * @param problems what is not as it should be, a sentence each: an activator that threw, a bundle that does not run any more
 * @param refreshed the bundles that were refreshed along with it
 * @param parked what was parked for the bundles that were stopped for it; none for a bundle that had no handlers
 * @param leftovers what became of each version that was replaced
 * @param search how it was looked for leftovers
 */
public record UpdateReport(
        Optional<BundleVersion> before,
        Optional<BundleVersion> after,
        boolean runs,
        Duration took,
        List<String> problems,
        List<Dependent> refreshed,
        List<Parked> parked,
        List<Leftover> leftovers,
        Search search) {
    /** Copies the lists. */
    public UpdateReport {
        problems = List.copyOf(problems);
        refreshed = List.copyOf(refreshed);
        parked = List.copyOf(parked);
        leftovers = List.copyOf(leftovers);
    }

    /**
     * What was parked for an app while it was away.
     *
     * @param app the app; with the component's name if only that was away
     * @param bundleId the id of its bundle
     * @param isOver whether all of it was handed over or given up; if not, it is still away or being handed over
     * @param away how long it was away; until now if it still is
     * @param parked how many events were parked
     * @param handedOver how many of those were handed over
     * @param givenUp how many were given up
     */
    public record Parked(
            String app, long bundleId, boolean isOver, Duration away, long parked, long handedOver, long givenUp) {}

    /**
     * How it was looked for leftovers.
     *
     * @param waited for how long
     * @param collections how often the garbage was collected
     * @param hidden what could not be looked at, why, and the remedy; empty if all was
     */
    public record Search(Duration waited, int collections, Optional<String> hidden) {}
}
