// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.time.Duration;
import java.util.List;

/**
 * How long one handler's invocations took, as a histogram since it came. Immutable.
 *
 * @param serviceId the handler's {@code service.id}
 * @param count how many invocations are in it
 * @param total how long they took, all together, to 1 %
 * @param buckets how many took no longer than each of some limits, which are the same for every handler and rise; every
 *     bucket counts those of the one before, too
 */
public record LatencyStatus(long serviceId, long count, Duration total, List<Bucket> buckets) {
    /**
     * Those that took no longer than a limit.
     *
     * @param limit the limit, to 1 %
     * @param count how many
     */
    public record Bucket(Duration limit, long count) {}

    /** Copies the buckets. */
    public LatencyStatus {
        buckets = List.copyOf(buckets);
    }
}
