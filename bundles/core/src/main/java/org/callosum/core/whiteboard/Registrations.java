// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.whiteboard;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

import org.callosum.core.Subscription;
import org.callosum.core.dispatch.Registration;
import org.osgi.framework.Constants;

/** Reads what a handler listens to from its service properties: {@code dispatch.md}, row 'a handler'. */
final class Registrations {
    static final String TRACT = "tract";
    static final String EVENT = "event";

    private Registrations() {}

    /**
     * Reads service properties.
     *
     * @param service names the service in a problem's text
     * @param properties gives a service property by its name, {@code null} if there is none
     * @return the registration; with a problem and without subscriptions if it is malformed
     */
    static Registration read(String service, Function<String, Object> properties) {
        int ranking = properties.apply(Constants.SERVICE_RANKING) instanceof Integer number ? number : 0;
        try {
            Set<Subscription> subscriptions = new LinkedHashSet<>();
            List<String> events = names(service, EVENT, properties.apply(EVENT));
            for (String tract : names(service, TRACT, properties.apply(TRACT))) {
                for (String event : events) {
                    subscriptions.add(new Subscription(tract, event));
                }
            }
            return new Registration(List.copyOf(subscriptions), ranking, "");
        } catch (IllegalArgumentException malformed) {
            return new Registration(List.of(), ranking, malformed.getMessage());
        }
    }

    private static List<String> names(String service, String property, Object value) {
        Collection<?> values;
        if (value == null) {
            throw malformed(service, property, "is missing");
        } else if (value instanceof String) {
            values = List.of(value);
        } else if (value instanceof String[] array) {
            values = Arrays.asList(array);
        } else if (value instanceof Collection<?> collection) {
            values = collection;
        } else {
            throw malformed(service, property, "is a " + value.getClass().getTypeName());
        }
        if (values.isEmpty()) {
            throw malformed(service, property, "has no value");
        }
        List<String> names = new ArrayList<>(values.size());
        for (Object element : values) {
            if (!(element instanceof String name)) {
                throw malformed(
                        service,
                        property,
                        "holds "
                                + (element == null
                                        ? "null"
                                        : "a " + element.getClass().getTypeName()));
            }
            if (name.isEmpty()) {
                throw malformed(service, property, "is empty");
            }
            names.add(name);
        }
        return names;
    }

    private static IllegalArgumentException malformed(String service, String property, String problem) {
        return new IllegalArgumentException("Service property '" + property + "' of " + service + " " + problem
                + ": give a name, or '*' for all, as a String, a String[] or a Collection of String");
    }
}
