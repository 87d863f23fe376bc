// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

import org.callosum.api.Message;

/**
 * Decides who gets an event now. For handlers that are away, or that have events before this one, it is parked.
 *
 * <p><b>Threads.</b> The worker that leads the {@link RunLoop}.
 */
final class Admission {
    /** How many parked events are handed over before another event has its turn. */
    private static final int HAND_OVER = 16;

    private final Supplier<RouteTable> routes;
    private final Parking parking;

    /** What follows when an event is over, beside that the share of those who refused it is parked. */
    private final Dispatch.End parkRefused = this::parkRefused;

    /** Goes by the routes as they are at that moment. */
    Admission(Supplier<RouteTable> routes, Parking parking) {
        this.routes = routes;
        this.parking = parking;
    }

    /** What has to be handed over before another event is admitted, for there is no room to park it. */
    List<Agenda.Work> before() {
        return parking.isEmpty()
                ? List.of()
                : parking.backAndFull().stream().map(this::handOver).toList();
    }

    /** An event with the handlers that get it now. */
    Dispatch admit(Message message) {
        return new Dispatch(message, admitted(message), parkRefused);
    }

    /** An event with the handlers that get it now, of which somebody wants to know the end. */
    Dispatch admit(Message message, Dispatch.End end) {
        return new Dispatch(message, admitted(message), dispatch -> {
            parkRefused(dispatch);
            end.ended(dispatch);
        });
    }

    private List<Handler> admitted(Message message) {
        while (true) {
            RouteTable table = routes.get();
            List<Handler> matching = table.match(message);
            if (parking.isEmpty()) {
                if (routes.get() == table) {
                    return matching;
                }
                continue; // see Parking.admit
            }
            List<Handler> admitted = parking.admit(message, matching, table, routes);
            if (admitted != null) {
                return admitted;
            }
        }
    }

    private void parkRefused(Dispatch dispatch) {
        for (Handler handler : dispatch.refused()) {
            parking.refused(dispatch.message, handler);
        }
    }

    /** Hands some events of an app that is back over. */
    Agenda.Work handOver(ParkedApp app) {
        return new Agenda.Work() {
            private int left = HAND_OVER;

            @Override
            public Dispatch next() {
                if (left-- == 0) {
                    return null;
                }
                Optional<Parking.Claim> claim = parking.claim(app, routes);
                return claim.map(some -> new Dispatch(some.event().message(), some.handlers(), (Dispatch.EndOfParked)
                                dispatch -> parking.handedOver(app, some, dispatch.invoked() > 0, dispatch.refused())))
                        .orElse(null);
            }
        };
    }

    /** Tries a handler that is in quarantine with the oldest event that is parked for it. */
    Agenda.Work tryOut(ParkedApp app) {
        return new Agenda.Work() {
            private boolean isDone;

            @Override
            public Dispatch next() {
                if (isDone) {
                    return null;
                }
                isDone = true;
                return parking.quarantines()
                        .claimTrial(app)
                        .map(claim -> new Dispatch(claim.event().message(), claim.handlers(), (Dispatch.EndOfParked)
                                dispatch -> parking.quarantines().tried(app, claim, dispatch.invoked() > 0)))
                        .orElse(null);
            }
        };
    }
}
