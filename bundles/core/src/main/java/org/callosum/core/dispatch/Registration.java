// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.List;

import org.callosum.core.Subscription;

/**
 * What a handler's registration says. Immutable.
 *
 * @param subscriptions what it listens to, without repetition; empty if the registration is malformed
 * @param ranking its {@code service.ranking}: of handlers that listen to the same, the highest goes first
 * @param problem what is malformed and how to mend it; empty if nothing is
 */
public record Registration(List<Subscription> subscriptions, int ranking, String problem) {
    /** Copies the subscriptions. */
    public Registration {
        subscriptions = List.copyOf(subscriptions);
    }
}
