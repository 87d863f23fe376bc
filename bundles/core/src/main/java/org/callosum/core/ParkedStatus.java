// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.time.Duration;

/**
 * What is parked for an app that is away, or was once. Immutable.
 *
 * @param app the app; with the component's name if only that is away
 * @param bundleId the id of its bundle
 * @param bundle the symbolic name of its bundle
 * @param state how it stands
 * @param since how long ago the first of its handlers left
 * @param away how long it was away: until all of its handlers were back, or it was given up; until now while it is away
 * @param events how many events are parked now
 * @param bytes the length of their JSON texts
 * @param parked how many were parked since it left
 * @param handedOver how many of those were handed over
 * @param givenUp how many were given up, because a limit was reached or no handler was there for them any more
 */
public record ParkedStatus(
        String app,
        long bundleId,
        String bundle,
        State state,
        Duration since,
        Duration away,
        long events,
        long bytes,
        long parked,
        long handedOver,
        long givenUp) {
    /** How an app stands whose handlers left. */
    public enum State {
        /** Some of its handlers are away: what matches it is parked. */
        AWAY,
        /** Its handler is there, and is called no more for a while, because it hung again and again. */
        QUARANTINED,
        /** Its handlers are back, and its events are being handed over. */
        BACK,
        /** All is handed over, or given up. */
        DONE
    }
}
