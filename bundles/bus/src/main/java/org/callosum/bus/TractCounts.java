// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import org.callosum.transport.ConnectionStatus.Tract;

/**
 * The tracts that one client mostly sends, in bounded memory, whatever names it sends: the algorithm Space-Saving (Metwally,
 * Agrawal, El Abbadi, 2005) with {@value #PLACES} places. A name without a place takes that of the rarest one, and its count
 * with it as a possible error. So every tract of more than an eighth of the frames has a place, and what is known
 * of each is how many frames it had at least.
 *
 * <p>Not thread-safe.
 */
final class TractCounts {
    /** How many tracts are kept. */
    static final int PLACES = 8;

    private static final String[] NO_NAMES = {};

    /** Room for them comes with the first frame: most clients only listen. */
    private String[] names = NO_NAMES;

    /** How often each was counted, the one that had its place before it included. */
    private long[] counts;

    /** How much of that may be another's. */
    private long[] errors;

    private int used;
    private int last;

    /** Counts a frame. */
    void count(String tract) {
        // Names come from a cache, and clients send one tract for long stretches: nearly always the same object.
        if (used == 0 || names[last] != tract) {
            last = place(tract);
            names[last] = tract;
        }
        counts[last]++;
    }

    /** Those that have a place, with the frames that each had at least; the most frequent first. */
    List<Tract> list() {
        List<Tract> tracts = new ArrayList<>(used);
        for (int i = 0; i < used; i++) {
            tracts.add(new Tract(names[i], counts[i] - errors[i]));
        }
        tracts.sort(Comparator.comparingLong(Tract::frames).reversed());
        return tracts;
    }

    private int place(String tract) {
        for (int i = 0; i < used; i++) {
            if (names[i].equals(tract)) {
                return i;
            }
        }
        if (used == 0) {
            names = new String[PLACES];
            counts = new long[PLACES];
            errors = new long[PLACES];
        }
        if (used < PLACES) {
            return used++;
        }
        int rarest = 0;
        for (int i = 1; i < PLACES; i++) {
            if (counts[i] < counts[rarest]) {
                rarest = i;
            }
        }
        errors[rarest] = counts[rarest];
        return rarest;
    }
}
