// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

import org.callosum.api.Gap;
import org.callosum.api.Message;

/**
 * Who gets an event now and for whom it is parked, while anything is: worked out once for all events that match the same
 * handlers, so that handlers in quarantine cost the others next to nothing. What there is no room for is counted here, and told
 * to {@link Gaps} before anybody can ask. Not thread-safe: {@link Parking} guards it.
 */
final class ParkedRoutes {
    /** For how many names of events it is remembered. */
    private static final int REMEMBERED = 256;

    private record Name(String tract, String event) {
        static Name of(Message message) {
            return new Name(message.tract(), message.event());
        }
    }

    /** Events that were given up for want of room, and not told so far. */
    private static final class Missed {
        private long events;
        private Instant from;
        private Instant to;

        void add(Instant now) {
            if (events++ == 0) {
                from = now;
                to = now;
            } else if (now.isAfter(to)) { // a clock may be set back
                to = now;
            }
        }

        void tell(Set<Handler> handlers, Gaps gaps) {
            if (events > 0) {
                Gap gap = new Gap(Gap.Reason.PARKING_LIMIT, OptionalLong.of(events), from, to);
                handlers.forEach(handler -> gaps.add(handler, gap));
            }
        }
    }

    /** What an app has of an event: for which handlers, and what they miss. */
    private static final class Share {
        private final ParkedApp app;
        private final Set<Handler> handlers = new HashSet<>();
        private Missed missed = new Missed();

        Share(ParkedApp app) {
            this.app = app;
        }
    }

    /** What becomes of an event. */
    static final class Route {
        /** The handlers that match it, of those that are registered. */
        private final List<Handler> matching;

        /** Those that are away. */
        private final List<Handler> away;

        private final List<Handler> now;
        private final List<Share> shares;

        /** What all of them miss. */
        private Missed missedByAll = new Missed();

        /** An event of as many bytes has no room anywhere, and none that is larger has. */
        private long fullFrom = Long.MAX_VALUE;

        private Route(List<Handler> matching, List<Handler> away, List<Handler> now, List<Share> shares) {
            this.matching = matching;
            this.away = away;
            this.now = now;
            this.shares = shares;
        }

        /** Who gets it now. */
        List<Handler> now() {
            return now;
        }

        private boolean isFor(List<Handler> its, List<Handler> itsAway) {
            return isSame(matching, its) && isSame(away, itsAway);
        }

        /** Whether somebody had no room. */
        private boolean park(ParkedApp.Parked event, ParkingLimits limits) {
            if (event.bytes() >= fullFrom) {
                missedByAll.add(event.since());
                return true;
            }
            int missing = 0;
            for (Share share : shares) {
                if (!share.app.park(event, limits)) {
                    share.missed.add(event.since());
                    missing++;
                }
            }
            if (missing == shares.size()) {
                fullFrom = event.bytes();
            }
            return missing > 0;
        }

        private void tell(Gaps gaps) {
            for (Share share : shares) {
                share.app.giveUp(missedByAll.events);
                share.missed.tell(share.handlers, gaps);
                missedByAll.tell(share.handlers, gaps);
                share.missed = new Missed();
            }
            missedByAll = new Missed();
            fullFrom = Long.MAX_VALUE;
        }
    }

    private final Gaps gaps;
    private final Map<Name, Route> routes = new HashMap<>();

    /** Whether there is anything to be told. */
    private boolean isMissing;

    /** None so far. */
    ParkedRoutes(Gaps gaps) {
        this.gaps = gaps;
    }

    /** What is known for an event; {@code null} if nothing is. */
    Route find(Message message, List<Handler> matching, List<Handler> away) {
        Route known = routes.get(Name.of(message));
        return known != null && known.isFor(matching, away) ? known : null;
    }

    /** Works it out. */
    static Route route(List<Handler> matching, List<Handler> away, Function<Handler, ParkedApp> appOf) {
        Map<ParkedApp, Share> shares = new LinkedHashMap<>();
        for (Handler handler : away) {
            shares.computeIfAbsent(appOf.apply(handler), Share::new).handlers.add(handler);
        }
        List<Handler> now = new ArrayList<>(matching.size());
        for (Handler handler : matching) {
            ParkedApp app = appOf.apply(handler);
            if (app == null) {
                now.add(handler);
            } else {
                shares.computeIfAbsent(app, Share::new).handlers.add(handler);
            }
        }
        return new Route(matching, away, now, List.copyOf(shares.values()));
    }

    /** Remembers it for the next event of this name. */
    void add(Message message, Route route) {
        if (routes.size() >= REMEMBERED) {
            clear();
        }
        Route replaced = routes.put(Name.of(message), route);
        if (replaced != null) {
            replaced.tell(gaps);
        }
    }

    /** Parks an event for all whose share it is, as far as they have room. */
    void park(Route route, Message message, ParkingLimits limits) {
        if (!route.shares.isEmpty() && route.park(ParkedApp.Parked.of(message, Set.of(), gaps.now()), limits)) {
            isMissing = true;
        }
    }

    /**
     * Tells what is missing. To be called before a handler that may have missed something gets its next event, before there is
     * room again, and before somebody asks.
     */
    void tell() {
        if (isMissing) {
            isMissing = false;
            routes.values().forEach(route -> route.tell(gaps));
        }
    }

    /** Forgets all: other handlers are away, or there. */
    void clear() {
        tell();
        routes.clear();
    }

    private static boolean isSame(List<Handler> some, List<Handler> others) {
        if (some == others) {
            return true;
        }
        if (some.size() != others.size()) {
            return false;
        }
        for (int i = 0; i < some.size(); i++) {
            if (some.get(i) != others.get(i)) {
                return false;
            }
        }
        return true;
    }
}
