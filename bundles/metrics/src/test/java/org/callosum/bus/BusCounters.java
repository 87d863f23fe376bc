// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.LinkedHashMap;
import java.util.Map;

/** The counters of the bus as it has them, for the test of what Prometheus gets; in its package, for nobody else may see them. */
public final class BusCounters {
    private BusCounters() {}

    /** All that a server or a client has. */
    public static Map<String, Long> all() {
        Map<String, Long> all = new LinkedHashMap<>(new ServerCounters().byName(0, 0));
        all.putAll(new ClientCounters().byName(false, new EmitQueue()));
        return all;
    }
}
