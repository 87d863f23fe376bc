// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.transport;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a transport stands at one moment. Immutable.
 *
 * @param mode what it is: {@code server} or {@code client}
 * @param address where the bus is: for a Unix socket its path
 * @param up whether messages can be exchanged now: the server accepts, the client is connected
 * @param counters what it counts, by a name that says what is counted and its unit, in the order to be shown in;
 *     amounts such as {@code clients} and {@code backlogBytes} as well as totals since start such as {@code framesIn}
 */
public record TransportStatus(String mode, String address, boolean up, Map<String, Long> counters) {
    /** Copies the counters. */
    public TransportStatus {
        counters = Collections.unmodifiableMap(new LinkedHashMap<>(counters));
    }
}
