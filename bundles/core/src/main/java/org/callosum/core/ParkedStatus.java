// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.time.Duration;

/**
 * What is parked for an app that is away, or was until a moment ago. Immutable.
 *
 * @param app the app; with the component's name if only that is away
 * @param bundle the symbolic name of its bundle
 * @param back whether its handlers are back, and its events are being handed over
 * @param since how long ago the first of its handlers left
 * @param events how many events are parked now
 * @param bytes the length of their JSON texts
 * @param parked how many were parked since it left
 * @param handedOver how many of those were handed over
 * @param givenUp how many were given up, because a limit was reached or no handler was there for them any more
 */
public record ParkedStatus(
        String app,
        String bundle,
        boolean back,
        Duration since,
        long events,
        long bytes,
        long parked,
        long handedOver,
        long givenUp) {}
