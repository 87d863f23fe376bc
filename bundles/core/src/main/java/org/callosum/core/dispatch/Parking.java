// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import org.callosum.api.Gap;
import org.callosum.api.Message;
import org.callosum.core.ParkedStatus;
import org.callosum.core.dispatch.Whereabouts.Answer;
import org.osgi.service.log.Logger;

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

    /** How many apps that are parked no more are remembered. */
    private static final int REMEMBERED = 100;

    private final Gaps gaps;
    private final Ticker ticker;
    private final ParkingReports reports;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** By bundle and component. */
    private final Map<Key, ParkedApp> apps = new LinkedHashMap<>();

    /** Apps that are parked no more, the latest first. */
    private final Deque<ParkedApp> done = new ArrayDeque<>();

    /** Of whom it is to be said that they are in quarantine. */
    private final Queue<Handler> quarantined = new ConcurrentLinkedQueue<>();

    private final ParkedRoutes routes;

    private RouteTable awayRoutes = RouteTable.EMPTY;
    private ParkingLimits limits;
    private boolean open;

    /** For the dispatching thread, which looks at each event. Written with the lock held. */
    private volatile boolean empty = true;

    /** Whether anybody is back and has parked events still, or had. The same. */
    private volatile boolean someAreBack;

    private record Key(long bundleId, HandlerIdentity component) {
        // By hand, as are HandlerIdentity's.

        @Override
        public boolean equals(Object other) {
            return other instanceof Key that && bundleId == that.bundleId && Objects.equals(component, that.component);
        }

        @Override
        public int hashCode() {
            return 31 * Long.hashCode(bundleId) + Objects.hashCode(component);
        }
    }

    /** A parking place, not opened. */
    Parking(ParkingLimits limits, Gaps gaps, Facts facts, Ticker ticker, Logger logger) {
        this.limits = limits;
        this.gaps = gaps;
        this.routes = new ParkedRoutes(gaps);
        this.ticker = ticker;
        this.reports = new ParkingReports(facts, logger);
    }

    /** Begins to take handlers that leave. */
    void open() {
        lock.lock();
        try {
            open = true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes nobody any more, and gives up all that is parked. */
    void close() {
        List<ParkedApp> left;
        lock.lock();
        try {
            open = false;
            left = List.copyOf(apps.values());
            left.forEach(app -> {
                app.giveUpAll();
                remove(app);
            });
            changed.signalAll();
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
        return empty;
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
            appFor(handler, withBundle ? null : handler.identity()).leave(handler, ticker.nanos());
            changedAway();
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
            appFor(handler, handler.identity()).absent(handler, ticker.nanos());
            changedAway();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * A handler hangs again and again: it is not called any more, and its events are parked, until it is released, tried with
     * success, or replaced. Does nothing if it is in quarantine, or if its app's parked events are still to be handed over: then it
     * is after that.
     */
    void quarantine(Handler handler, QuarantineRule rule) {
        boolean isNew = false;
        lock.lock();
        try {
            ParkedApp app = appOf(handler);
            boolean isOthers = app != null && app.component == null;
            if (open && !handler.closed && !isOthers && (app == null || app.isBack())) {
                appFor(handler, handler.identity()).quarantine(handler, rule, ticker.nanos());
                changedAway();
                isNew = true;
            }
        } finally {
            lock.unlock();
        }
        if (isNew) {
            quarantined.add(handler);
        }
    }

    /**
     * Has a handler called no more until it is released; if it is in quarantine already, it is not tried any more. Whether that can
     * be: not while its app's parked events are still to be handed over, or it is about to leave.
     */
    boolean quarantineByHand(Handler handler) {
        lock.lock();
        try {
            ParkedApp app = appOf(handler);
            boolean isOthers = app != null && app.component == null;
            if (!open || handler.closed || isOthers) {
                return false;
            }
            if (app != null && !app.isBack() && !isQuarantined(app, handler)) {
                return false;
            }
            appFor(handler, handler.identity()).quarantineByHand(handler, ticker.nanos());
            changedAway();
        } finally {
            lock.unlock();
        }
        quarantined.add(handler);
        return true;
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
            all.addAll(awayRoutes.match(message));
            List<Handler> now = new ArrayList<>();
            Map<Handler, String> parked = new LinkedHashMap<>();
            for (Handler handler : all) {
                ParkedApp app = appOf(handler);
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

    /** Says of whom it has not been said yet that they are in quarantine. */
    void reportQuarantined() {
        for (Handler handler = quarantined.poll(); handler != null; handler = quarantined.poll()) {
            reports.quarantined(handler, quarantineOf(handler));
        }
    }

    /** Why a handler is not called; empty if it is in no quarantine. */
    String quarantineOf(Handler handler) {
        lock.lock();
        try {
            ParkedApp app = appOf(handler);
            return isQuarantined(app, handler) ? app.quarantine().reason(ticker.nanos()) : "";
        } finally {
            lock.unlock();
        }
    }

    /** Ends a handler's quarantine; whether it was in one. */
    boolean release(Handler handler) {
        return release(handler, true);
    }

    /** A trial that went well does not end what somebody has decided since. */
    private boolean release(Handler handler, boolean isByHand) {
        lock.lock();
        try {
            ParkedApp app = appOf(handler);
            if (!isQuarantined(app, handler) || app.quarantine().isByHand() && !isByHand) {
                return false;
            }
            app.arrive(handler, ticker.nanos());
            changedAway();
        } finally {
            lock.unlock();
        }
        reports.released(handler);
        return true;
    }

    /** The handler of an app that is in quarantine and has rested long enough to be tried, if there is an event for that. */
    Optional<Handler> due(ParkedApp app) {
        lock.lock();
        try {
            Quarantine quarantine = app.quarantine();
            return quarantine != null && !app.isEmpty() && quarantine.isTrialDue(ticker.nanos())
                    ? Optional.of(quarantine.handler)
                    : Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** Takes the oldest parked event to try a handler that is in quarantine with; empty if it is in none any more. */
    Optional<Claim> claimTrial(ParkedApp app) {
        lock.lock();
        try {
            Quarantine quarantine = app.quarantine();
            if (quarantine == null || app.isEmpty() || quarantine.isTried || quarantine.isByHand()) {
                return Optional.empty();
            }
            quarantine.isTried = true;
            routes.tell();
            return Optional.of(new Claim(app.next(), List.of(quarantine.handler)));
        } finally {
            lock.unlock();
        }
    }

    /** A handler was tried. If it hung again, or was not called, the event is the next again. */
    void tried(ParkedApp app, Claim claim, boolean wasCalled) {
        Handler handler = claim.handlers().get(0);
        boolean isCured = wasCalled && handler.timeoutsInARow == 0;
        lock.lock();
        try {
            if (isCured) {
                app.countHandedOver(true);
            } else {
                app.takeBack(claim.event(), Set.of(handler.identity()));
            }
            Quarantine quarantine = app.quarantine();
            if (quarantine != null && !isCured && !quarantine.isByHand()) {
                quarantine.triedInVain(ticker.nanos());
            }
        } finally {
            lock.unlock();
        }
        if (isCured) {
            release(handler, false);
        } else {
            quarantined.add(handler); // once more
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
            ParkedApp app = appOf(handler);
            if (app != null && app.isAbsent(handler)) {
                app.drop(handler.identity(), ticker.nanos());
                changedAway();
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
            ParkedApp app = appOf(handler);
            if (app != null && app.arrive(handler, ticker.nanos())) {
                changedAway();
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
            if (someAreBack) {
                finished = removeFinished(); // nothing is before this event any more
            }
            List<Handler> away = awayRoutes.match(message);
            ParkedRoutes.Route known = routes.find(message, matching, away);
            ParkedRoutes.Route route = known != null ? known : ParkedRoutes.route(matching, away, this::appOf);
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
            ParkedApp app = appOf(handler);
            if (app != null && !app.parkShare(message, handler.identity(), limits, gaps.now())) {
                gaps.add(List.of(handler), Gap.Reason.PARKING_LIMIT);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The apps that are back and have no room for another event. */
    List<ParkedApp> backAndFull() {
        if (!someAreBack) {
            return List.of();
        }
        lock.lock();
        try {
            return apps.values().stream()
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
            if (!app.isBack() || apps.get(key(app)) != app) {
                return Optional.empty();
            }
            ParkedApp.Parked event = app.next();
            if (event == null) {
                remove(app);
                isDone = true;
                return Optional.empty();
            }
            // Nobody of the app is away, so all of it is in the routes, and stays there or is refused.
            Message message = event.message();
            List<Handler> handlers = current.get().match(message).stream()
                    .filter(handler -> appOf(handler) == app && event.isFor(handler.identity()))
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
            return apps.values().stream().flatMap(app -> app.left().stream()).toList();
        } finally {
            lock.unlock();
        }
    }

    List<ParkedStatus> status() {
        lock.lock();
        try {
            routes.tell();
            long now = ticker.nanos();
            return apps.values().stream().map(app -> app.status(false, now)).toList();
        } finally {
            lock.unlock();
        }
    }

    /** The apps whose absence is over, the latest first. */
    List<ParkedStatus> statusBefore() {
        lock.lock();
        try {
            long now = ticker.nanos();
            return done.stream().map(app -> app.status(true, now)).toList();
        } finally {
            lock.unlock();
        }
    }

    // What follows is for the watch.

    /** Waits until something is parked; empty if the place is closed. */
    List<ParkedApp> awaitApps() {
        lock.lock();
        try {
            while (open && apps.isEmpty()) {
                changed.awaitUninterruptibly();
            }
            return open ? List.copyOf(apps.values()) : List.of();
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
            boolean allRest = apps.values().stream().allMatch(app -> app.quarantine() != null);
            long deadlineNanos = nowNanos + (allRest ? 20 : 1) * lookNanos;
            if (open && !apps.isEmpty() && apps.values().stream().noneMatch(ParkedApp::isBack)) {
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
                changedAway();
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
        Map<String, Long> dropped = new LinkedHashMap<>();
        String giveUp = null;
        lock.lock();
        try {
            if (apps.get(key(app)) != app) {
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
                    String label = app.owner.app() + "/" + identity.label();
                    dropped.put(label, app.drop(identity, now));
                }
            }
            if (giveUp != null) {
                app.giveUpAll(); // somebody meant it: that is no gap
                remove(app);
            } else if (isOverdue && !app.isBack()) {
                giveUp = "it did not come back within " + seconds(limits.time());
                app.giveUpAll().forEach(gaps::add);
                remove(app);
            } else {
                changedAway();
            }
        } finally {
            lock.unlock();
        }
        dropped.forEach(reports::dropped);
        if (giveUp != null) {
            reports.givenUp(app, giveUp);
        }
    }

    // All below is called with the lock held.

    private List<ParkedApp> removeFinished() {
        List<ParkedApp> finished = apps.values().stream()
                .filter(app -> app.isBack() && app.isEmpty())
                .toList();
        finished.forEach(this::remove);
        return finished;
    }

    private void remove(ParkedApp app) {
        apps.remove(key(app), app);
        app.end(ticker.nanos());
        changedAway();
        done.addFirst(app);
        if (done.size() > REMEMBERED) {
            done.removeLast();
        }
    }

    /** Whether anything is parked for anybody. */
    private boolean keeps() {
        return open && !limits.time().isZero() && limits.events() > 0;
    }

    private ParkedApp appFor(Handler handler, HandlerIdentity component) {
        ParkedApp app = appOf(handler);
        if (app == null) {
            app = new ParkedApp(handler.owner(), component);
            apps.put(key(app), app);
        }
        return app;
    }

    private ParkedApp appOf(Handler handler) {
        long bundleId = handler.owner().bundleId();
        ParkedApp component = apps.get(new Key(bundleId, handler.identity()));
        return component != null ? component : apps.get(new Key(bundleId, null));
    }

    private static boolean isQuarantined(ParkedApp app, Handler handler) {
        return app != null && app.quarantine() != null && app.quarantine().handler == handler;
    }

    /** Somebody is away, or is not any more. */
    private void changedAway() {
        List<Handler> away = new ArrayList<>();
        apps.values().forEach(app -> away.addAll(app.away()));
        routes.clear();
        awayRoutes = away.isEmpty() ? RouteTable.EMPTY : new RouteTable(away);
        someAreBack = apps.values().stream().anyMatch(ParkedApp::isBack);
        empty = apps.isEmpty();
        changed.signalAll();
    }

    private static Key key(ParkedApp app) {
        return new Key(app.owner.bundleId(), app.component);
    }
}
