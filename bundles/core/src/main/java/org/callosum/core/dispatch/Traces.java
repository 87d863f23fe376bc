// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import org.callosum.core.Subscription;
import org.callosum.core.Trace;

/**
 * The traces that are open. While there is none, an event costs one look at {@link #isOff()}.
 *
 * <p><b>Threads.</b> Any thread opens and closes; the worker that leads the {@link RunLoop} asks.
 */
final class Traces {
    /** How many there may be: each costs every event a comparison. */
    private static final int MAX_OPEN = 16;

    private final Supplier<RouteTable> routes;
    private final Parking parking;
    private final Ticker ticker;
    private final InstantSource clock;

    /** Replaced under {@code this}; {@code null} if there is none. */
    private volatile List<OpenTrace> open;

    Traces(Supplier<RouteTable> routes, Parking parking, Ticker ticker, InstantSource clock) {
        this.routes = routes;
        this.parking = parking;
        this.ticker = ticker;
        this.clock = clock;
    }

    boolean isOff() {
        return open == null;
    }

    synchronized Trace open(Subscription names, int events, boolean withMessages) {
        List<OpenTrace> all = open == null ? new ArrayList<>() : new ArrayList<>(open);
        if (all.size() >= MAX_OPEN) {
            throw new IllegalStateException("There are " + MAX_OPEN + " traces already: end one of them first");
        }
        OpenTrace trace = new OpenTrace(names, events, withMessages, this::remove);
        all.add(trace);
        open = List.copyOf(all);
        return trace;
    }

    private synchronized void remove(OpenTrace trace) {
        if (open != null) {
            List<OpenTrace> left = open.stream().filter(each -> each != trace).toList();
            open = left.isEmpty() ? null : left;
        }
    }

    /** Ends all. */
    void closeAll() {
        List<OpenTrace> all = open;
        if (all != null) {
            all.forEach(OpenTrace::close);
        }
    }

    /** What notes what becomes of an event; {@code null} if nobody wants to know, or it has begun before. */
    EventTrace of(Dispatch dispatch) {
        List<OpenTrace> all = open;
        if (all == null || dispatch.trace() != null || dispatch.turns() > 0) {
            return dispatch.trace();
        }
        List<OpenTrace> followers =
                all.stream().filter(trace -> trace.follows(dispatch.message)).toList();
        if (followers.isEmpty()) {
            return null;
        }
        List<String> parkedFor = dispatch.wasParked()
                ? List.of()
                : parking.preview(dispatch.message, routes.get().match(dispatch.message)).parked().keySet().stream()
                        .map(Handler::label)
                        .toList();
        EventTrace trace = new EventTrace(dispatch, parkedFor, followers, ticker, clock);
        followers.forEach(follower -> follower.begun(trace));
        dispatch.trace(trace);
        return trace;
    }
}
