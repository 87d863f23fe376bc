// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import org.callosum.api.Message;
import org.callosum.core.Subscription;

/**
 * What a handler's registration says. Immutable.
 *
 * @param subscriptions what it listens to, without repetition; empty if the registration is malformed
 * @param filter which of the messages that match the subscriptions it wants; empty for all
 * @param timeout how long it asks to be allowed to run, 1 ms to 1 h, which may be more than the operator allows; empty if it does not say
 * @param ranking its {@code service.ranking}: of handlers that listen to the same, the highest goes first
 * @param problem what is malformed and how to mend it; empty if nothing is
 */
public record Registration(
        List<Subscription> subscriptions,
        Optional<MessageFilter> filter,
        Optional<Duration> timeout,
        int ranking,
        String problem) {

    /** Copies the subscriptions. */
    public Registration {
        subscriptions = List.copyOf(subscriptions);
    }

    /** A registration with neither a filter nor a time limit of its own. */
    public Registration(List<Subscription> subscriptions, int ranking, String problem) {
        this(subscriptions, Optional.empty(), Optional.empty(), ranking, problem);
    }

    /** Whether a message that matches a subscription passes the filter. Without one, the message is not looked at. */
    boolean wants(Message message) {
        return filter.isEmpty() || filter.get().test().test(message);
    }
}
