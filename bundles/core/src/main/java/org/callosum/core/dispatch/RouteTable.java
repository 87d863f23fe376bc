// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.callosum.api.Message;
import org.callosum.core.Subscription;

import static org.callosum.core.Subscription.ANY;

/**
 * Which handlers match an event, in the order of {@code dispatch.md}: exact, then its tract, then its event, then all; in
 * each group by ranking, highest first, then by service id. Immutable.
 *
 * <p>A handler that matches in several ways counts once, where it matches first. That also makes a message whose tract or
 * event is literally {@code *} run nothing twice. Then the handlers' own filters decide; where none has one, they cost nothing.
 *
 * <p>What it found for names that are in use it keeps at hand, in a bounded number of places.
 */
public final class RouteTable {
    private static final Comparator<Handler> ORDER = Comparator.comparingInt(
                    (Handler handler) -> handler.registration().ranking())
            .reversed()
            .thenComparingLong(Handler::serviceId);

    /** Nothing matches. */
    public static final RouteTable EMPTY = new RouteTable(List.of());

    private static final int PLACES = 256;

    /** Longer names, which only strangers make, are not kept. */
    private static final int LONGEST_KEPT = 200;

    /** What was found. */
    private record Found(String tract, String event, List<Handler> handlers) {}

    /** By tract, then by event; the wildcard is a key like any other. The lists are in order and without repetition. */
    private final Map<String, Map<String, List<Handler>>> groups = new HashMap<>();

    /** Whether any handler has a filter; only then is it asked for. */
    private final boolean isFiltered;

    /** Written by any thread without a lock: a record is whole or not there, and who does not see it finds the same again. */
    private final Found[] found = new Found[PLACES];

    /** A table of these handlers, as they are registered now. */
    public RouteTable(Collection<Handler> handlers) {
        isFiltered = handlers.stream()
                .anyMatch(handler -> handler.registration().filter().isPresent());
        handlers.stream().sorted(ORDER).forEach(handler -> {
            for (Subscription subscription : handler.registration().subscriptions()) {
                groups.computeIfAbsent(subscription.tract(), tract -> new HashMap<>())
                        .computeIfAbsent(subscription.event(), event -> new ArrayList<>(1))
                        .add(handler);
            }
        });
    }

    /** The handlers that match by name and want the message, in order, each once. The list is not to be changed. */
    public List<Handler> match(Message message) {
        List<Handler> named = match(message.tract(), message.event());
        return isFiltered ? wanting(named, message) : named;
    }

    /** The handlers that match by name, in order, each once. The list is not to be changed. */
    public List<Handler> match(String tract, String event) {
        int hash = 31 * tract.hashCode() + event.hashCode();
        int place = (hash ^ hash >>> 8 ^ hash >>> 16) & PLACES - 1;
        Found known = found[place];
        if (known != null && known.tract.equals(tract) && known.event.equals(event)) {
            return known.handlers;
        }
        List<Handler> handlers = find(tract, event);
        if (tract.length() + event.length() <= LONGEST_KEPT) {
            found[place] = new Found(tract, event, handlers);
        }
        return handlers;
    }

    private List<Handler> find(String tract, String event) {
        Map<String, List<Handler>> ofTract = groups.getOrDefault(tract, Map.of());
        Map<String, List<Handler>> ofAny = groups.getOrDefault(ANY, Map.of());
        List<Handler> matching = group(ofTract, event);
        matching = append(matching, group(ofTract, ANY));
        matching = append(matching, group(ofAny, event));
        return append(matching, group(ofAny, ANY));
    }

    private static List<Handler> wanting(List<Handler> named, Message message) {
        List<Handler> wanting = new ArrayList<>(named.size());
        for (Handler handler : named) {
            if (handler.registration().wants(message)) {
                wanting.add(handler);
            }
        }
        return wanting;
    }

    private static List<Handler> group(Map<String, List<Handler>> ofTract, String event) {
        return ofTract.getOrDefault(event, List.of());
    }

    private static List<Handler> append(List<Handler> matching, List<Handler> group) {
        if (group.isEmpty()) {
            return matching;
        }
        if (matching.isEmpty()) {
            return group;
        }
        List<Handler> all = new ArrayList<>(matching.size() + group.size());
        all.addAll(matching);
        for (Handler handler : group) {
            if (!matching.contains(handler)) {
                all.add(handler);
            }
        }
        return all;
    }
}
