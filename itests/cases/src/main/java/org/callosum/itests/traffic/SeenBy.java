// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.traffic;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.HdrHistogram.Histogram;
import org.callosum.itests.traffic.Tally.Faults;

/** What one handler has said so far, in a few bits for each number. Not thread-safe: {@link Checker} guards it. */
final class SeenBy {
    private static final int SHOWN = 5;

    private final String by;
    private final BitSet numbers = new BitSet();
    private final Mistakes doubled = new Mistakes();
    private final Mistakes reordered = new Mistakes();
    private final List<String> versions = new ArrayList<>();
    private final List<String> settings = new ArrayList<>();
    private final Set<Long> instances = new HashSet<>();
    private final Histogram nanos = new Histogram(3);
    private long highest = -1;
    private long seen;

    SeenBy(String by) {
        this.by = by;
    }

    void add(Sighting sighting, long nowNanos) {
        int n = Math.toIntExact(sighting.n());
        seen++;
        if (numbers.get(n)) {
            doubled.add(n);
        } else if (n < highest) {
            reordered.add(n);
        }
        numbers.set(n);
        highest = Math.max(highest, n);
        addChange(versions, sighting.version());
        addChange(settings, sighting.setting());
        instances.add(sighting.instance());
        nanos.recordValue(Math.max(0, nowNanos - sighting.t()));
    }

    long highest() {
        return highest;
    }

    String version() {
        return versions.get(versions.size() - 1);
    }

    String setting() {
        return settings.get(settings.size() - 1);
    }

    /** Latencies are counted from here on. */
    void forgetLatency() {
        nanos.reset();
    }

    Tally tally(long first, long last) {
        Mistakes lost = new Mistakes();
        int end = Math.toIntExact(last);
        for (int n = numbers.nextClearBit(Math.toIntExact(first)); n <= end; n = numbers.nextClearBit(n + 1)) {
            lost.add(n);
        }
        return new Tally(
                by,
                seen,
                lost.faults(),
                doubled.faults(),
                reordered.faults(),
                List.copyOf(versions),
                List.copyOf(settings),
                instances.size(),
                Latency.of(nanos));
    }

    private static void addChange(List<String> values, String value) {
        if (values.isEmpty() || !values.get(values.size() - 1).equals(value)) {
            values.add(value);
        }
    }

    /** All of them counted, the first few kept. */
    private static final class Mistakes {
        private final List<Long> first = new ArrayList<>();
        private long count;

        void add(long n) {
            count++;
            if (first.size() < SHOWN) {
                first.add(n);
            }
        }

        Faults faults() {
            return new Faults(count, List.copyOf(first));
        }
    }
}
