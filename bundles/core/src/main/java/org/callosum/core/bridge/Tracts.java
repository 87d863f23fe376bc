// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.bridge;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import org.callosum.core.TractStatus;

/**
 * How many events came of each tract. The first {@value #MAX} have a count each; a bus that sees more has the rest in its sum
 * alone.
 *
 * <p><b>Threads.</b> One thread at a time counts, the transport's; any may ask.
 */
final class Tracts {
    static final int MAX = 1_000;

    /** A longer name is kept by nobody. */
    static final int MAX_NAME = 250;

    private final Map<String, AtomicLong> counts = new ConcurrentHashMap<>();

    /** The tract that was counted last, and its count: mostly the next one is of the same. */
    private String last = "";

    private AtomicLong lastCount;

    /** One event came. */
    void count(String tract) {
        AtomicLong count = lastCount;
        if (count == null || !tract.equals(last)) {
            count = countOf(tract);
            if (count == null) {
                return;
            }
            last = tract;
            lastCount = count;
        }
        count.lazySet(count.get() + 1); // nobody else writes
    }

    /** Those there were, the most frequent first. */
    List<TractStatus> list() {
        return counts.entrySet().stream()
                .map(entry -> new TractStatus(entry.getKey(), entry.getValue().get()))
                .sorted(Comparator.comparingLong(TractStatus::received)
                        .reversed()
                        .thenComparing(TractStatus::tract))
                .toList();
    }

    private AtomicLong countOf(String tract) {
        AtomicLong known = counts.get(tract);
        if (known == null && counts.size() < MAX && tract.length() <= MAX_NAME) {
            known = new AtomicLong();
            counts.put(tract, known);
        }
        return known;
    }
}
