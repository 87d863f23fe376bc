// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.apps.support;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How often each service has failed within the last hour. Of the {@value #MAX_SERVICES} services that failed last; one that
 * drops out starts over.
 *
 * <p><b>Threads.</b> May be used by several at once.
 */
final class ErrorCounts {
    /** At so many a service's count is told, and starts over. */
    static final int THRESHOLD = 3;

    static final Duration WINDOW = Duration.ofHours(1);

    static final int MAX_SERVICES = 1_000;

    private final LongSupplier nanoTime;

    /** When each service's errors came, oldest first; the service that failed last is last. Guarded by {@code this}. */
    private final Map<String, Deque<Long>> errors = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Deque<Long>> eldest) {
            return size() > MAX_SERVICES;
        }
    };

    /** @param nanoTime a monotonic clock, in nanoseconds */
    ErrorCounts(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Counts an error that came now.
     *
     * @return how many the service has within the window; at {@link #THRESHOLD} its count starts over
     */
    synchronized int add(String service) {
        long now = nanoTime.getAsLong();
        Deque<Long> times = errors.computeIfAbsent(service, unknown -> new ArrayDeque<>(THRESHOLD));
        while (!times.isEmpty() && now - times.getFirst() >= WINDOW.toNanos()) {
            times.removeFirst();
        }
        times.addLast(now);
        int count = times.size();
        if (count >= THRESHOLD) {
            errors.remove(service);
        }
        return count;
    }

    /** How many services are remembered. */
    synchronized int services() {
        return errors.size();
    }
}
