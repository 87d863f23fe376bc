// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

import org.callosum.api.Message;
import org.callosum.core.Explanation;
import org.callosum.core.Explanation.Outcome;
import org.callosum.core.Explanation.Verdict;

/**
 * Says of each handler what would become of an event. It asks those who decide when an event is dispatched: the {@link RouteTable}
 * for names, filters and order, {@link Parking} for who is away.
 *
 * <p><b>Threads.</b> Any.
 */
final class Explainer {
    private static final Comparator<Handler> BY_NAME =
            Comparator.comparing(Handler::label).thenComparingLong(Handler::serviceId);

    private final Supplier<RouteTable> routes;
    private final Supplier<Collection<Handler>> handlers;
    private final Parking parking;
    private final Whereabouts whereabouts;

    Explainer(
            Supplier<RouteTable> routes,
            Supplier<Collection<Handler>> handlers,
            Parking parking,
            Whereabouts whereabouts) {
        this.routes = routes;
        this.handlers = handlers;
        this.parking = parking;
        this.whereabouts = whereabouts;
    }

    Explanation explain(Message message) {
        Parking.Preview preview = parking.preview(message, routes.get().match(message));
        List<Verdict> verdicts = new ArrayList<>();
        for (Handler handler : preview.now()) {
            verdicts.add(verdict(handler, Outcome.CALLED, handler.failure()));
        }
        Set<Handler> others = new HashSet<>(handlers.get());
        others.addAll(parking.away());
        others.addAll(preview.parked().keySet());
        preview.now().forEach(others::remove);
        others.stream().sorted(BY_NAME).forEach(handler -> verdicts.add(other(handler, message, preview.parked())));
        whereabouts.absent().forEach(absent -> verdicts.add(absent(absent, message)));
        return new Explanation(verdicts);
    }

    private Verdict other(Handler handler, Message message, Map<Handler, String> parked) {
        String problem = handler.registration().problem();
        if (!problem.isEmpty()) {
            return verdict(handler, Outcome.BAD, problem);
        }
        String quarantine = parking.quarantines().reasonOf(handler);
        String whyParked = parked.get(handler);
        if (whyParked != null) {
            return verdict(handler, quarantine.isEmpty() ? Outcome.PARKED : Outcome.QUARANTINED, whyParked);
        }
        return verdict(handler, isNamed(handler, message) ? Outcome.FILTERED : Outcome.UNNAMED, quarantine);
    }

    private static Verdict absent(Whereabouts.Absent absent, Message message) {
        Handler handler = absent.handler();
        String problem = handler.registration().problem();
        if (!problem.isEmpty()) {
            return verdict(handler, Outcome.BAD, problem);
        }
        Outcome outcome = !isNamed(handler, message)
                ? Outcome.UNNAMED
                : alone(handler).match(message).isEmpty() ? Outcome.FILTERED : Outcome.ABSENT;
        return verdict(handler, outcome, absent.reason());
    }

    private static boolean isNamed(Handler handler, Message message) {
        return !alone(handler).match(message.tract(), message.event()).isEmpty();
    }

    private static RouteTable alone(Handler handler) {
        return new RouteTable(List.of(handler));
    }

    private static Verdict verdict(Handler handler, Outcome outcome, String reason) {
        Owner owner = handler.owner();
        Registration registration = handler.registration();
        return new Verdict(
                handler.serviceId(),
                owner.app(),
                handler.name(),
                owner.bundleId(),
                owner.bundle(),
                owner.version(),
                registration.subscriptions(),
                registration.filter().map(MessageFilter::text).orElse(""),
                outcome,
                reason);
    }
}
