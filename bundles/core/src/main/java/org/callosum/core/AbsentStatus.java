// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.util.List;

/**
 * A handler that a bundle declares and that is not there, because its Declarative Services component is not satisfied.
 * Immutable.
 *
 * @param app its app
 * @param name the handler's name: the last part of the component's name
 * @param component the component's name
 * @param bundleId the id of its bundle
 * @param bundle that bundle's symbolic name
 * @param version that bundle's version
 * @param subscriptions what it would listen to; empty for a malformed registration
 * @param reason what it lacks: the reference with the service that is missing, a configuration, or that it is enabled
 */
public record AbsentStatus(
        String app,
        String name,
        String component,
        long bundleId,
        String bundle,
        String version,
        List<Subscription> subscriptions,
        String reason) {
    /** Copies the subscriptions. */
    public AbsentStatus {
        subscriptions = List.copyOf(subscriptions);
    }
}
