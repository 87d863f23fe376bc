// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.Objects;
import java.util.Optional;

/**
 * What a handler is known by within its bundle when it leaves and comes back: the same for the same handler of another
 * version. Immutable.
 *
 * @param isComponent whether a Declarative Services component is the handler: what becomes of it is known
 * @param name the component's name; for any other handler what it listens to and its filter, as text
 * @param configuration the PID of the component's factory configuration, which tells it from its siblings
 */
public record HandlerIdentity(boolean isComponent, String name, Optional<String> configuration) {
    /** Checks that nothing is {@code null}. */
    public HandlerIdentity {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(configuration, "configuration");
    }

    /** A component with one configuration or none. */
    public static HandlerIdentity component(String name) {
        return new HandlerIdentity(true, name, Optional.empty());
    }

    /** One of the instances of a component, for a factory configuration. */
    public static HandlerIdentity component(String name, String pid) {
        return new HandlerIdentity(true, name, Optional.of(pid));
    }

    /** A handler that its bundle registered by hand. */
    public static HandlerIdentity service(String subscriptions) {
        return new HandlerIdentity(false, subscriptions, Optional.empty());
    }

    /** For a log line: of a component the last part of its name. */
    String label() {
        return isComponent ? name.substring(name.lastIndexOf('.') + 1) : name;
    }
}
