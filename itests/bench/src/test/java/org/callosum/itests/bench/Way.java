// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.util.List;

/** A way to hand events to handlers, open: handlers are registered, and all threads run. */
public interface Way {
    /** The tract and the event that are handed over, and the two parts of the topic. */
    String TRACT = "observe";

    String EVENT = "observed";

    /** Hands so many events over. May return before the handlers have them. */
    void hand(int events) throws Exception;

    /** Ends all that it started. */
    void close() throws Exception;

    /** Opens one. */
    interface Opener {
        /**
         * Opens it.
         *
         * @param handlers listen to {@link #EVENT}, each for an app of its own
         * @param idle how many more there are, each of which listens to something else
         */
        Way open(List<CountingHandler> handlers, int idle) throws Exception;
    }

    /** Every one there is. */
    enum Kind {
        CALLOSUM("Callosum, from the bus", CallosumWay::following),
        CALLOSUM_DISPATCH("Callosum, dispatch", CallosumWay::dispatching),
        FELIX_TIMED_SEND("Felix, Timeout 5000, sendEvent", EventAdminWay.felix(5000, false)),
        FELIX_TIMED_POST("Felix, Timeout 5000, postEvent", EventAdminWay.felix(5000, true)),
        FELIX_SEND("Felix, Timeout 0, sendEvent", EventAdminWay.felix(0, false)),
        FELIX_POST("Felix, Timeout 0, postEvent", EventAdminWay.felix(0, true)),
        EQUINOX_SEND("Equinox, sendEvent", EventAdminWay.equinox(false)),
        EQUINOX_POST("Equinox, postEvent", EventAdminWay.equinox(true)),
        POOL("the original's way, a pool of 4", PoolWay::new);

        final String label;
        final Opener opener;

        Kind(String label, Opener opener) {
            this.label = label;
            this.opener = opener;
        }
    }
}
