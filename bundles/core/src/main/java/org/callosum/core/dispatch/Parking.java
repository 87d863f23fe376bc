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
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

import org.callosum.api.Message;
import org.callosum.core.ParkedStatus;
import org.osgi.service.log.Logger;

/**
 * Keeps events for handlers that are away and will be back: {@code dispatch.md}, row 'an app that is being updated'.
 *
 * <p>What is parked is kept for a whole bundle, once one of its handlers left because the bundle stops, so that the order of
 * its events stands; or for one component, if that left alone. It is back when every handler that left is there again or is
 * known not to come. Then its events are handed over, in order, before anything newer. Other apps go on meanwhile.
 *
 * <p><b>Threads.</b> Bundles' threads call {@link #leave} and {@link #arrive}; whoever dispatches calls {@link #admit} and
 * {@link #refused}; a thread of its own asks where those are who are away, and hands over. One lock guards everything; it is
 * held for moments, and nothing foreign is called meanwhile.
 */
public final class Parking {
    /** Knows of handlers that are away. Called without a lock. */
    public interface Whereabouts {
        /** What is known of one. */
        enum Answer {
            /** It may come back. */
            COMING,
            /** Its bundle runs again, and nothing says whether it has this handler. */
            UNKNOWN,
            /** Its bundle was stopped or uninstalled by somebody who means it. */
            STOPPED
        }

        /** Asks for one handler. */
        Answer of(Owner owner, String identity);
    }

    /** An event that is handed over, and to whom. */
    record Claim(ParkedApp.Parked event, List<Handler> handlers) {}

    /** How long a bundle that runs again may take to publish a handler that nothing announces. */
    private static final Duration PUBLISH_TIME = Duration.ofMillis(500);

    /** How many apps that are parked no more are remembered. */
    private static final int REMEMBERED = 100;

    private static final long LOOK_NANOS = Duration.ofMillis(5).toNanos();

    private final Ticker ticker;
    private final Logger logger;
    private final Whereabouts whereabouts;
    private final Consumer<ParkedApp> handOver;
    private final Predicate<ParkedApp> hasLive;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, ParkedApp> apps = new LinkedHashMap<>();

    /** Apps that are parked no more, the latest first. */
    private final Deque<ParkedApp> done = new ArrayDeque<>();

    private RouteTable awayRoutes = RouteTable.EMPTY;
    private ParkingLimits limits;
    private boolean running;
    private Thread thread;

    /** For the dispatching thread, which looks at each event. Written with the lock held. */
    private volatile boolean empty = true;

    /**
     * A parking place, not started.
     *
     * @param handOver hands some events of an app that is back over
     * @param hasLive whether some handler of an app is there
     */
    Parking(
            ParkingLimits limits,
            Whereabouts whereabouts,
            Consumer<ParkedApp> handOver,
            Predicate<ParkedApp> hasLive,
            Ticker ticker,
            Logger logger) {
        this.limits = limits;
        this.whereabouts = whereabouts;
        this.handOver = handOver;
        this.hasLive = hasLive;
        this.ticker = ticker;
        this.logger = logger;
    }

    void start() {
        lock.lock();
        try {
            if (!running) {
                running = true;
                thread = Worker.newThread(this::look, "callosum-parking");
                thread.start();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Gives up all that is parked. */
    void stop() {
        Thread ended;
        List<ParkedApp> left;
        lock.lock();
        try {
            running = false;
            left = List.copyOf(apps.values());
            apps.clear();
            changedAway();
            changed.signalAll();
            ended = thread;
            thread = null;
        } finally {
            lock.unlock();
        }
        left.forEach(app -> giveUp(app, "the dispatcher stops"));
        if (ended != null && ended != Thread.currentThread()) {
            Watchdog.join(ended);
        }
    }

    void apply(ParkingLimits other) {
        lock.lock();
        try {
            limits = other;
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
            if (!running || limits.time().isZero() || limits.events() == 0) {
                return;
            }
            ParkedApp app = appOf(handler);
            if (app == null) {
                String component = withBundle ? null : handler.identity();
                app = new ParkedApp(handler.owner(), component, ticker.nanos());
                apps.put(key(handler.owner(), component), app);
            }
            app.leave(handler, ticker.nanos());
            changedAway();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** A handler came: perhaps one that was away. */
    void arrive(Handler handler) {
        lock.lock();
        try {
            ParkedApp app = appOf(handler);
            if (app != null && app.away.remove(handler.identity()) != null) {
                if (app.away.isEmpty()) {
                    app.endAbsence(ticker.nanos());
                }
                changedAway();
                changed.signalAll();
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
     * @param routes the routes as they are now
     * @return the handlers that can have the event now; {@code null} if the routes have changed, and nothing was parked
     */
    List<Handler> admit(Message message, List<Handler> matching, RouteTable table, Supplier<RouteTable> routes) {
        List<ParkedApp> finished = new ArrayList<>(0);
        lock.lock();
        try {
            for (ParkedApp app : List.copyOf(apps.values())) {
                if (app.isBack() && app.isEmpty()) {
                    remove(app); // nothing is before this event any more
                    finished.add(app);
                }
            }
            Set<ParkedApp> parking = new LinkedHashSet<>();
            for (Handler away : awayRoutes.match(message.tract(), message.event())) {
                parking.add(appOf(away));
            }
            List<Handler> now = new ArrayList<>(matching.size());
            for (Handler handler : matching) {
                ParkedApp app = appOf(handler);
                if (app == null) {
                    now.add(handler);
                } else {
                    parking.add(app);
                }
            }
            if (routes.get() != table) {
                return null;
            }
            for (ParkedApp app : parking) {
                app.park(message, Set.of(), limits);
            }
            return now;
        } finally {
            lock.unlock();
            finished.forEach(this::reportBack);
        }
    }

    /** Parks the share of a handler that left between {@link #admit} and its invocation. Whether it will be back. */
    boolean refused(Message message, Handler handler) {
        lock.lock();
        try {
            ParkedApp app = appOf(handler);
            if (app == null) {
                return false;
            }
            app.parkShare(message, handler.identity(), limits);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The apps that are back and have no room for another event. */
    List<ParkedApp> backAndFull() {
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
    Optional<Claim> claim(ParkedApp app, Supplier<RouteTable> routes) {
        boolean isDone = false;
        lock.lock();
        try {
            if (!app.isBack() || apps.get(key(app.owner, app.component)) != app) {
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
            List<Handler> handlers = routes.get().match(message.tract(), message.event()).stream()
                    .filter(handler -> appOf(handler) == app)
                    .filter(handler -> event.only().isEmpty() || event.only().contains(handler.identity()))
                    .toList();
            return Optional.of(new Claim(event, handlers));
        } finally {
            lock.unlock();
            if (isDone) {
                reportBack(app);
            }
        }
    }

    /** An event was handed over, but for these handlers, which have left again. */
    void handedOver(ParkedApp app, Claim claim, boolean toSomebody, Set<String> leftAgain) {
        lock.lock();
        try {
            Set<String> backAgainLater = new HashSet<>(leftAgain);
            backAgainLater.retainAll(app.away.keySet());
            if (!backAgainLater.isEmpty()) {
                app.takeBack(claim.event(), backAgainLater);
            } else if (toSomebody) {
                app.handedOver++;
            } else {
                app.givenUp++;
            }
        } finally {
            lock.unlock();
        }
    }

    /** The handlers that are away. */
    List<Handler> away() {
        lock.lock();
        try {
            return apps.values().stream()
                    .flatMap(app -> app.away.values().stream())
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    List<ParkedStatus> status() {
        lock.lock();
        try {
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

    /** The thread's life: asks where those are who are away, hands over to those who are back. */
    private void look() {
        while (true) {
            List<ParkedApp> known;
            long now = ticker.nanos();
            lock.lock();
            try {
                while (running && apps.isEmpty()) {
                    changed.awaitUninterruptibly();
                    now = ticker.nanos();
                }
                if (!running) {
                    return;
                }
                known = List.copyOf(apps.values());
            } finally {
                lock.unlock();
            }
            for (ParkedApp app : known) {
                settle(app, now);
                handOver.accept(app);
            }
            rest(now);
        }
    }

    private void rest(long now) {
        lock.lock();
        try {
            boolean busy = apps.values().stream().anyMatch(ParkedApp::isBack);
            if (running && !busy && !apps.isEmpty()) {
                ticker.await(lock, changed, now + LOOK_NANOS);
            }
        } catch (InterruptedException e) {
            logger.debug("The thread that hands parked events over was interrupted", e);
        } finally {
            lock.unlock();
        }
    }

    /** Finds out whether an app is back, as far as it comes back, or is to be given up. */
    private void settle(ParkedApp app, long now) {
        List<String> identities;
        lock.lock();
        try {
            identities = List.copyOf(app.away.keySet());
        } finally {
            lock.unlock();
        }
        if (identities.isEmpty()) {
            return;
        }
        Map<String, Whereabouts.Answer> answers = new LinkedHashMap<>();
        for (String identity : identities) {
            answers.put(identity, whereabouts.of(app.owner, identity));
        }
        boolean someAreThere = hasLive.test(app);
        String giveUp = null;
        List<String> dropped = new ArrayList<>();
        lock.lock();
        try {
            for (Map.Entry<String, Whereabouts.Answer> answer : answers.entrySet()) {
                Handler handler = app.away.get(answer.getKey());
                if (handler == null) {
                    continue; // came meanwhile
                }
                if (answer.getValue() == Whereabouts.Answer.STOPPED) {
                    giveUp = "its bundle was stopped or uninstalled";
                } else if (isOverdue(app, answer.getValue(), now)) {
                    app.away.remove(answer.getKey());
                    dropped.add(handler.label());
                }
            }
            if (giveUp == null
                    && !app.away.isEmpty()
                    && now - app.sinceNanos >= limits.time().toNanos()) {
                if (someAreThere) {
                    app.away.values().forEach(handler -> dropped.add(handler.label()));
                    app.away.clear();
                } else {
                    giveUp = "it did not come back within " + seconds(limits.time());
                }
            }
            if (giveUp != null) {
                remove(app);
            } else {
                if (app.away.isEmpty()) {
                    app.endAbsence(now);
                }
                changedAway();
            }
        } finally {
            lock.unlock();
        }
        dropped.forEach(label ->
                logger.warn("{} is no more after the change: its share of the parked events is given up", label));
        if (giveUp != null) {
            giveUp(app, giveUp);
        }
    }

    /** Whether a bundle that runs again has had the time to publish what nothing announces. */
    private boolean isOverdue(ParkedApp app, Whereabouts.Answer answer, long now) {
        if (answer != Whereabouts.Answer.UNKNOWN) {
            return false;
        }
        return app.hasRunAgainFor(PUBLISH_TIME, now);
    }

    private void giveUp(ParkedApp app, String reason) {
        app.giveUpAll();
        if (app.givenUp > 0) {
            logger.warn("{}: {}: {} parked events are given up", app.label(), reason, app.givenUp);
        } else {
            logger.debug("{}: {}; no event was parked", app.label(), reason);
        }
    }

    private void reportBack(ParkedApp app) {
        String text = app.label() + " is back after " + seconds(app.age(ticker.nanos())) + ": of " + app.parked
                + " parked events " + app.handedOver + " were handed over";
        if (app.givenUp > 0) {
            logger.warn("{}, {} were given up", text, app.givenUp);
        } else if (app.parked > 0) {
            logger.info(text);
        } else {
            logger.debug(text);
        }
    }

    private void remove(ParkedApp app) {
        apps.remove(key(app.owner, app.component), app);
        changedAway();
        app.endAbsence(ticker.nanos());
        app.away.clear(); // what is remembered refers to no handler
        done.addFirst(app);
        if (done.size() > REMEMBERED) {
            done.removeLast();
        }
    }

    private ParkedApp appOf(Handler handler) {
        ParkedApp component = apps.get(key(handler.owner(), handler.identity()));
        return component != null ? component : apps.get(key(handler.owner(), null));
    }

    private void changedAway() {
        List<Handler> away = new ArrayList<>();
        apps.values().forEach(app -> away.addAll(app.away.values()));
        awayRoutes = away.isEmpty() ? RouteTable.EMPTY : new RouteTable(away);
        empty = apps.isEmpty();
    }

    private static String key(Owner owner, String component) {
        return component == null ? Long.toString(owner.bundleId()) : owner.bundleId() + "/" + component;
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.3f s", duration.toNanos() / 1e9);
    }
}
