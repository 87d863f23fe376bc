// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.traffic;

import java.util.List;

/**
 * What one handler made of a range of numbers. Immutable.
 *
 * @param by the handler's label
 * @param seen how many of its sightings were read, those outside of the range and the doubled ones included
 * @param lost numbers of the range that it never said it saw
 * @param doubled numbers that it said more than once
 * @param reordered numbers that it said for the first time behind a higher one
 * @param versions the versions of its bundle, in the order in which they said something; each change is one entry
 * @param settings its settings, likewise
 * @param instances how many objects of its class said something
 * @param latency how long it took
 */
public record Tally(
        String by,
        long seen,
        Faults lost,
        Faults doubled,
        Faults reordered,
        List<String> versions,
        List<String> settings,
        int instances,
        Latency latency) {
    /**
     * Some numbers that should not be.
     *
     * @param count how many
     * @param first the first few
     */
    public record Faults(long count, List<Long> first) {
        @Override
        public String toString() {
            return count == 0 ? "0" : count + " " + first + (count > first.size() ? "…" : "");
        }
    }

    /** Whether nothing was lost, doubled or reordered. */
    public boolean isClean() {
        return lost.count() == 0 && doubled.count() == 0 && reordered.count() == 0;
    }

    @Override
    public String toString() {
        return by + ": seen " + seen + ", lost " + lost + ", doubled " + doubled + ", reordered " + reordered
                + ", versions " + versions + ", " + latency;
    }
}
