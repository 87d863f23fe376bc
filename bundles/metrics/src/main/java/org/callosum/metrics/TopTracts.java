// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.callosum.api.Printable;
import org.callosum.core.TractStatus;

/**
 * The tracts that have a label of their own: the most frequent when there was a place, however many the bus sees. All others
 * are {@value #OTHER}.
 *
 * <p>One that has a place keeps it: if its count went over to the others', theirs would jump, and if one came out of theirs,
 * they would shrink; and a counter never does.
 *
 * <p><b>Threads.</b> Any, one after the other.
 */
final class TopTracts {
    /** The label of all that have none of their own; a tract of this name is one of them. */
    static final String OTHER = "other";

    static final int MAX_NAME = 100;

    private final Set<String> shown = new HashSet<>();
    private volatile int places;

    TopTracts(int places) {
        this.places = places;
    }

    /** Has other places, for those that come from now on. */
    void resize(int most) {
        places = most;
    }

    /**
     * The counts by label.
     *
     * @param tracts the most frequent first
     * @param all the sum of all tracts, at least that of these
     */
    synchronized Map<String, Long> of(List<TractStatus> tracts, long all) {
        for (TractStatus each : tracts) {
            if (shown.size() >= places) {
                break;
            }
            shown.add(each.tract());
        }
        Map<String, Long> counts = new LinkedHashMap<>();
        long named = 0;
        for (TractStatus each : tracts) {
            String label = Printable.of(each.tract(), MAX_NAME);
            if (shown.contains(each.tract()) && !label.equals(OTHER)) {
                counts.merge(label, each.received(), Long::sum);
                named += each.received();
            }
        }
        counts.put(OTHER, Math.max(0, all - named)); // the sum is read first, and more may have come since
        return counts;
    }
}
