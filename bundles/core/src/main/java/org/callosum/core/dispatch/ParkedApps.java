// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;

import org.callosum.api.Message;

/**
 * The apps that something is parked for, whole bundles or single components of them, and those that were.
 *
 * <p><b>Threads.</b> It shares the lock of {@link Parking}: each method is called with it held, but for {@link #isEmpty} and
 * {@link #someAreBack}, which the dispatching thread asks at each event.
 */
final class ParkedApps {
    /** How many apps that are parked no more are remembered. */
    private static final int REMEMBERED = 100;

    private record Key(long bundleId, HandlerIdentity component) {
        static Key of(ParkedApp app) {
            return new Key(app.owner.bundleId(), app.component);
        }
    }

    private final Map<Key, ParkedApp> apps = new LinkedHashMap<>();

    /** Apps that are parked no more, the latest first. */
    private final Deque<ParkedApp> before = new ArrayDeque<>();

    private final ParkedRoutes routes;
    private final Condition changed;
    private final Ticker ticker;

    private RouteTable awayRoutes = RouteTable.EMPTY;
    private boolean open;

    /** Written with the lock held. */
    private volatile boolean empty = true;

    /** The same. */
    private volatile boolean someAreBack;

    /**
     * Nobody yet, and nobody is taken.
     *
     * @param routes what is cleared when somebody is away, or is not any more
     * @param changed what is signalled then
     */
    ParkedApps(ParkedRoutes routes, Condition changed, Ticker ticker) {
        this.routes = routes;
        this.changed = changed;
        this.ticker = ticker;
    }

    /** Begins to take handlers that leave. */
    void open() {
        open = true;
    }

    /** Takes nobody any more. */
    void close() {
        open = false;
        changed.signalAll();
    }

    boolean isOpen() {
        return open;
    }

    /** Whether nothing is parked and nobody is away. Asked by any thread. */
    boolean isEmpty() {
        return empty;
    }

    /** Whether anybody is back and has parked events still, or had. Asked by any thread. */
    boolean someAreBack() {
        return someAreBack;
    }

    /** All, in the order in which they left. */
    Collection<ParkedApp> all() {
        return apps.values();
    }

    /** Those that are parked no more, the latest first. */
    Collection<ParkedApp> before() {
        return before;
    }

    boolean has(ParkedApp app) {
        return apps.get(Key.of(app)) == app;
    }

    /** What is parked for a handler, alone or with its bundle; {@code null} if nothing is. */
    ParkedApp of(Handler handler) {
        long bundleId = handler.owner().bundleId();
        ParkedApp component = apps.get(new Key(bundleId, handler.identity()));
        return component != null ? component : apps.get(new Key(bundleId, null));
    }

    /**
     * The same; begins to park for it if nothing is.
     *
     * @param component what it is parked for then; {@code null} for the whole bundle
     */
    ParkedApp obtain(Handler handler, HandlerIdentity component) {
        ParkedApp app = of(handler);
        if (app == null) {
            app = new ParkedApp(handler.owner(), component);
            apps.put(Key.of(app), app);
        }
        return app;
    }

    /** The handlers that are away and match a message. */
    List<Handler> awayFor(Message message) {
        return awayRoutes.match(message);
    }

    /** Nothing is parked for this one any more. */
    void remove(ParkedApp app) {
        apps.remove(Key.of(app), app);
        app.end(ticker.nanos());
        changedAway();
        before.addFirst(app);
        if (before.size() > REMEMBERED) {
            before.removeLast();
        }
    }

    /** Removes those that are back and have no event left; gives them. */
    List<ParkedApp> removeFinished() {
        List<ParkedApp> finished = apps.values().stream()
                .filter(app -> app.isBack() && app.isEmpty())
                .toList();
        finished.forEach(this::remove);
        return finished;
    }

    /** Somebody is away, or is not any more. */
    void changedAway() {
        List<Handler> away = new ArrayList<>();
        apps.values().forEach(app -> away.addAll(app.away()));
        routes.clear();
        awayRoutes = away.isEmpty() ? RouteTable.EMPTY : new RouteTable(away);
        someAreBack = apps.values().stream().anyMatch(ParkedApp::isBack);
        empty = apps.isEmpty();
        changed.signalAll();
    }
}
