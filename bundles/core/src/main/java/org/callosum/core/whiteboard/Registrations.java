// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.whiteboard;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

import org.callosum.api.Printable;
import org.callosum.console.FieldFilter;
import org.callosum.core.Subscription;
import org.callosum.core.dispatch.MessageFilter;
import org.callosum.core.dispatch.Registration;
import org.osgi.framework.Constants;
import org.osgi.service.event.EventConstants;

/** Reads a handler's service properties: {@code dispatch.md}, rows 'a handler' and 'filters'. */
final class Registrations {
    static final String TRACT = "tract";
    static final String EVENT = "event";
    static final String TIMEOUT = "timeout";

    /** Of what a parser says about a filter, which may repeat all of it. */
    private static final int MAX_REASON = 100;

    private static final String GIVE_NAMES =
            "give a name, or '*' for all, as a String, a String[] or a Collection of String";
    private static final String GIVE_FILTER =
            "give a filter over the message's fields in the form of RFC 1960, such as '(service=camera)', as a String";
    private static final String GIVE_TIMEOUT =
            "give a duration, such as 'PT5S', or milliseconds, as a String, or milliseconds as a Long or an Integer";

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
            return new Registration(
                    List.copyOf(subscriptions),
                    filter(service, properties.apply(EventConstants.EVENT_FILTER)),
                    timeout(service, properties.apply(TIMEOUT)),
                    ranking,
                    "");
        } catch (IllegalArgumentException malformed) {
            return new Registration(List.of(), ranking, malformed.getMessage());
        }
    }

    private static List<String> names(String service, String property, Object value) {
        Collection<?> values;
        if (value == null) {
            throw malformed(service, property, "is missing", GIVE_NAMES);
        } else if (value instanceof String) {
            values = List.of(value);
        } else if (value instanceof String[] array) {
            values = Arrays.asList(array);
        } else if (value instanceof Collection<?> collection) {
            values = collection;
        } else {
            throw malformed(service, property, "is a " + value.getClass().getTypeName(), GIVE_NAMES);
        }
        if (values.isEmpty()) {
            throw malformed(service, property, "has no value", GIVE_NAMES);
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
                                        : "a " + element.getClass().getTypeName()),
                        GIVE_NAMES);
            }
            if (name.isEmpty()) {
                throw malformed(service, property, "is empty", GIVE_NAMES);
            }
            names.add(name);
        }
        return names;
    }

    private static Optional<MessageFilter> filter(String service, Object value) {
        if (value == null) {
            return Optional.empty();
        }
        if (!(value instanceof String text)) {
            throw malformed(
                    service,
                    EventConstants.EVENT_FILTER,
                    "is a " + value.getClass().getTypeName(),
                    GIVE_FILTER);
        }
        try {
            return Optional.of(new MessageFilter(text, FieldFilter.parse(text)));
        } catch (IllegalArgumentException e) {
            throw malformed(
                    service,
                    EventConstants.EVENT_FILTER,
                    "is " + Printable.quoted(text) + ", which is no filter (" + Printable.of(e.getMessage(), MAX_REASON)
                            + ")",
                    GIVE_FILTER);
        }
    }

    private static Optional<Duration> timeout(String service, Object value) {
        if (value == null) {
            return Optional.empty();
        }
        boolean isWhole =
                value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte;
        if (!isWhole && !(value instanceof String)) {
            throw malformed(service, TIMEOUT, "is a " + value.getClass().getTypeName(), GIVE_TIMEOUT);
        }
        try {
            return Optional.of(Timeouts.parse(value.toString()));
        } catch (IllegalArgumentException e) {
            throw malformed(
                    service,
                    TIMEOUT,
                    "is " + Printable.quoted(value.toString()) + ", which " + e.getMessage(),
                    GIVE_TIMEOUT);
        }
    }

    private static IllegalArgumentException malformed(String service, String property, String problem, String remedy) {
        return new IllegalArgumentException(
                "Service property '" + property + "' of " + service + " " + problem + ": " + remedy);
    }
}
