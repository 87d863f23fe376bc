// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import org.callosum.api.Gap;
import org.callosum.api.Message;
import org.callosum.core.ParkedStatus;
import org.callosum.core.dispatch.Whereabouts.Answer;

import static org.callosum.core.dispatch.ParkingReports.seconds;

/**
 * Keeps events for handlers that are away and will be back: {@code dispatch.md}, row 'an app that is being updated'.
 *
 * <p>What is parked is kept for a whole bundle, once one of its handlers left because the bundle stops, so that the order of
 * its events stands; or for one component, if that left alone. It is back when every handler that left is there again or is
 * known not to come. Then its events are handed over, in order, before anything newer. Other apps go on meanwhile.
 *
 * <p><b>Threads.</b> Bundles' threads call {@link #leave} and {@link #arrive}; whoever dispatches calls {@link #admit},
 * {@link #refused}, {@link #claim} and {@link #handedOver}; {@link ParkingWatch} has a thread that settles what has to be. One
 * lock guards everything; it is held for moments, and nothing foreign is called meanwhile.
 */
final class Parking {
    /** An event that is handed over, and to whom. */
    record Claim(ParkedApp.Parked event, List<Handler> handlers) {}

    private final Gaps gaps;
    private final Ticker ticker;
    private final ParkingReports reports;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    private final ParkedRoutes routes;

    private final ParkedApps apps;
    private final Quarantines quarantines;

    private ParkingLimits limits;

    /** A parking place, not opened. */
    Parking(ParkingLimits limits, Gaps gaps, Facts facts, Ticker ticker, Reports log) {
        this.limits = limits;
        this.gaps = gaps;
        this.routes = new ParkedRoutes(gaps);
        this.ticker = ticker;
        this.reports = new ParkingReports(facts, log);
        this.apps = new ParkedApps(routes, changed, ticker);
        this.quarantines = new Quarantines(lock, apps, routes, ticker, reports);
    }

    /** Who is not called any more because it hangs again and again. */
    Quarantines quarantines() {
        return quarantines;
    }

    /** Begins to take handlers that leave. */
    void open() {
        lock.lock();
        try {
            apps.open();
        } finally {
            lock.unlock();
        }
    }

    /** Takes nobody any more, and gives up all that is parked. */
    void close() {
        List<ParkedApp> left;
        lock.lock();
        try {
            apps.close();
            left = List.copyOf(apps.all());
            left.forEach(app -> {
                app.giveUpAll();
                apps.remove(app);
            });
        } finally {
            lock.unlock();
        }
        left.forEach(app -> reports.givenUp(app, "the dispatcher stops"));
    }

    void apply(ParkingLimits other) {
        lock.lock();
        try {
            limits = other;
            routes.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether nothing is parked and nobody is away. */
    boolean isEmpty() {
        return apps.isEmpty();
    }

    /**
     * A handler leaves and will be back: from now on, events for it are parked.
     *
     * @param withBundle whether its whole bundle goes
     */
    void leave(Handler handler, boolean withBundle) {
        lock.lock();
        try {
            if (!keeps()) {
                return;
            }
            apps.obtain(handler, withBundle ? null : handler.identity()).leave(handler, ticker.nanos());
            apps.changedAway();
        } finally {
            lock.unlock();
        }
    }

    /**
     * A handler's service cannot be had. It may be about to leave: a component gives none as soon as it, or one that it refers
     * to, begins to go. So it is away until it has left and another is there, or until {@link ParkingWatch#PUBLISH_TIME} is over.
     *
     * @return whether it is waited for; if not, the failure is its own
     */
    boolean absent(Handler handler) {
        lock.lock();
        try {
            if (handler.closed) {
                return true; // it has left meanwhile, and is away, or back
            }
            if (!keeps() || handler.isOverdue()) {
                return false;
            }
            apps.obtain(handler, handler.identity()).absent(handler, ticker.nanos());
            apps.changedAway();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * What would become of an event.
     *
     * @param now the handlers that would get it, in their order
     * @param parked the handlers that it would be parked for, and why
     */
    record Preview(List<Handler> now, Map<Handler, String> parked) {}

    /** What would become of an event that these handlers match and want; nothing is parked. */
    Preview preview(Message message, List<Handler> matching) {
        lock.lock();
        try {
            long nowNanos = ticker.nanos();
            Set<Handler> all = new LinkedHashSet<>(matching);
            all.addAll(apps.awayFor(message));
            List<Handler> now = new ArrayList<>();
            Map<Handler, String> parked = new LinkedHashMap<>();
            for (Handler handler : all) {
                ParkedApp app = apps.of(handler);
                if (app == null || app.isBack() && app.isEmpty()) { // the latter ends with the next event
                    now.add(handler);
                } else {
                    parked.put(
                            handler,
                            app.quarantine() == null
                                    ? app.reason(handler, nowNanos)
                                    : app.quarantine().reason(nowNanos));
                }
            }
            return new Preview(List.copyOf(now), parked);
        } finally {
            lock.unlock();
        }
    }

    /** Tells what handlers have missed so far, before it is forgotten. */
    void tellMissed() {
        lock.lock();
        try {
            routes.tell();
        } finally {
            lock.unlock();
        }
    }

    /** A handler is closed. If its service could not be had, and it left for good: its share is nobody's. */
    void closed(Handler handler) {
        lock.lock();
        try {
            ParkedApp app = apps.of(handler);
            if (app != null && app.isAbsent(handler)) {
                app.drop(handler.identity(), ticker.nanos());
                apps.changedAway();
            }
            routes.clear(); // nothing of it is kept
        } finally {
            lock.unlock();
        }
    }

    /** A handler came: perhaps one that was away. */
    void arrive(Handler handler) {
        lock.lock();
        try {
            ParkedApp app = apps.of(handler);
            if (app != null && app.arrive(handler, ticker.nanos())) {
                apps.changedAway();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Parks an event for the apps it matches that are away or have parked events.
     *
     * <p>A handler that leaves is away before it is out of the routes, and one that comes is in the routes before it is away no
     * more. So who looks at both sees every handler, if the routes are still the same after the look.
     *
     * @param table the routes that gave the handlers
     * @param current the routes as they are now
     * @return the handlers that can have the event now; {@code null} if the routes have changed, and nothing was parked
     */
    List<Handler> admit(Message message, List<Handler> matching, RouteTable table, Supplier<RouteTable> current) {
        List<ParkedApp> finished = List.of();
        lock.lock();
        try {
            if (apps.someAreBack()) {
                finished = apps.removeFinished(); // nothing is before this event any more
            }
            List<Handler> away = apps.awayFor(message);
            ParkedRoutes.Route known = routes.find(message, matching, away);
            ParkedRoutes.Route route = known != null ? known : ParkedRoutes.route(matching, away, apps::of);
            if (current.get() != table) {
                return null;
            }
            if (known == null) {
                routes.add(message, route);
            }
            routes.park(route, message, limits);
            return route.now();
        } finally {
            lock.unlock();
            finished.forEach(app -> reports.back(app, ticker.nanos()));
        }
    }

    /** Parks the share of a handler that left between {@link #admit} and its invocation, if it will be back. */
    void refused(Message message, Handler handler) {
        lock.lock();
        try {
            ParkedApp app = apps.of(handler);
            if (app != null && !app.parkShare(message, handler.identity(), limits, gaps.now())) {
                gaps.add(List.of(handler), Gap.Reason.PARKING_LIMIT);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The apps that are back and have no room for another event. */
    List<ParkedApp> backAndFull() {
        if (!apps.someAreBack()) {
            return List.of();
        }
        lock.lock();
        try {
            return apps.all().stream()
                    .filter(app -> app.isBack() && app.isFull(limits))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the next event of an app that is back, with the handlers that are to get it: all that are there.
     *
     * @return empty if the app is away again, or has no event left and is parked no more
     */
    Optional<Claim> claim(ParkedApp app, Supplier<RouteTable> current) {
        boolean isDone = false;
        lock.lock();
        try {
            routes.tell();
            if (!app.isBack() || !apps.has(app)) {
                return Optional.empty();
            }
            ParkedApp.Parked event = app.next();
            if (event == null) {
                apps.remove(app);
                isDone = true;
                return Optional.empty();
            }
            // Nobody of the app is away, so all of it is in the routes, and stays there or is refused.
            Message message = event.message();
            List<Handler> handlers = current.get().match(message).stream()
                    .filter(handler -> apps.of(handler) == app && event.isFor(handler.identity()))
                    .toList();
            return Optional.of(new Claim(event, handlers));
        } finally {
            lock.unlock();
            if (isDone) {
                reports.back(app, ticker.nanos());
            }
        }
    }

    /**
     * An event was handed over, but for these handlers, which left again before they had it.
     *
     * @param toSomebody whether some handler had it
     */
    void handedOver(ParkedApp app, Claim claim, boolean toSomebody, List<Handler> leftAgain) {
        lock.lock();
        try {
            // One that left may have a successor already, which is there and not away.
            Set<HandlerIdentity> later = new HashSet<>();
            leftAgain.stream().map(Handler::identity).filter(app::comesBack).forEach(later::add);
            if (later.isEmpty()) {
                app.countHandedOver(toSomebody);
            } else {
                app.takeBack(claim.event(), later);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The handlers that left and are not back. */
    List<Handler> away() {
        lock.lock();
        try {
            return apps.all().stream().flatMap(app -> app.left().stream()).toList();
        } finally {
            lock.unlock();
        }
    }

    List<ParkedStatus> status() {
        lock.lock();
        try {
            routes.tell();
            long now = ticker.nanos();
            return apps.all().stream().map(app -> app.status(false, now)).toList();
        } finally {
            lock.unlock();
        }
    }

    /** The apps whose absence is over, the latest first. */
    List<ParkedStatus> statusBefore() {
        lock.lock();
        try {
            long now = ticker.nanos();
            return apps.before().stream().map(app -> app.status(true, now)).toList();
        } finally {
            lock.unlock();
        }
    }

    // What follows is for the watch.

    /** Waits until something is parked; empty if the place is closed. */
    List<ParkedApp> awaitApps() {
        lock.lock();
        try {
            while (apps.isOpen() && apps.isEmpty()) {
                changed.awaitUninterruptibly();
            }
            return apps.isOpen() ? List.copyOf(apps.all()) : List.of();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for a change, at most for a while; not at all while some app is back and has events, and longer while all that there
     * are only rest in quarantine.
     *
     * @param nowNanos the time of the last look: what has passed since counts
     */
    void awaitChange(long nowNanos, long lookNanos) throws InterruptedException {
        lock.lock();
        try {
            boolean allRest = apps.all().stream().allMatch(app -> app.quarantine() != null);
            long deadlineNanos = nowNanos + (allRest ? 20 : 1) * lookNanos;
            boolean isToBeSeenTo =
                    quarantines.hasUnsaid() || apps.all().stream().anyMatch(ParkedApp::isBack);
            if (apps.isOpen() && !apps.isEmpty() && !isToBeSeenTo) {
                ticker.await(lock, changed, deadlineNanos);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The handlers of an app that left and are not back. */
    List<HandlerIdentity> away(ParkedApp app) {
        lock.lock();
        try {
            return app.left().stream().map(Handler::identity).toList();
        } finally {
            lock.unlock();
        }
    }

    /** Waits no more for services that could not be had for so long; their handlers. */
    List<Handler> takeOverdue(ParkedApp app, Duration time, long now) {
        lock.lock();
        try {
            List<Handler> overdue = app.takeOverdue(time, now);
            if (!overdue.isEmpty()) {
                apps.changedAway();
            }
            return overdue;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Decides for an app that is away: who is waited for, who is not any more, or whether all is given up.
     *
     * @param answers what is known of the handlers that were away a moment ago
     * @param someAreThere whether some handler of it is
     */
    void settle(ParkedApp app, Map<HandlerIdentity, Answer> answers, boolean someAreThere, long now) {
        Map<HandlerIdentity, Long> dropped = new LinkedHashMap<>();
        String giveUp = null;
        lock.lock();
        try {
            if (!apps.has(app)) {
                return;
            }
            boolean isOverdue = app.awayFor(now).compareTo(limits.time()) >= 0;
            for (Map.Entry<HandlerIdentity, Answer> answer : answers.entrySet()) {
                HandlerIdentity identity = answer.getKey();
                boolean isDropped =
                        answer.getValue() == Answer.UNKNOWN && app.hasRunAgainFor(ParkingWatch.PUBLISH_TIME, now)
                                || isOverdue && someAreThere;
                if (!app.isAway(identity)) {
                    continue; // came meanwhile
                }
                if (answer.getValue() == Answer.STOPPED) {
                    giveUp = "its bundle was stopped or uninstalled";
                } else if (isDropped) {
                    dropped.put(identity, app.drop(identity, now));
                }
            }
            if (giveUp != null) {
                app.giveUpAll(); // somebody meant it: that is no gap
                apps.remove(app);
            } else if (isOverdue && !app.isBack()) {
                giveUp = "it did not come back within " + seconds(limits.time());
                app.giveUpAll().forEach(gaps::add);
                apps.remove(app);
            } else {
                apps.changedAway();
            }
        } finally {
            lock.unlock();
        }
        dropped.forEach((identity, events) -> reports.dropped(app.owner, identity, events));
        if (giveUp != null) {
            reports.givenUp(app, giveUp);
        }
    }

    /** Whether anything is parked for anybody. With the lock held. */
    private boolean keeps() {
        return apps.isOpen() && !limits.time().isZero() && limits.events() > 0;
    }
}
