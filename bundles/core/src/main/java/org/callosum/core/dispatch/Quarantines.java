// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;

import org.callosum.api.KeyValues;

/**
 * Handlers that are not called any more because they hang again and again, or because somebody wants it so: {@code dispatch.md},
 * row 'a handler that hangs again and again'. Their events are parked, as in an update.
 *
 * <p><b>Threads.</b> The watchdog calls {@link #begin}, with the lock of {@link Workers} held; any thread begins and ends one by
 * hand, and asks; {@link ParkingWatch} has them tried and reported. It shares the lock of {@link Parking}, and nothing foreign is
 * called while that is held.
 */
final class Quarantines {
    private final ReentrantLock lock;
    private final ParkedApps apps;
    private final ParkedRoutes routes;
    private final Ticker ticker;
    private final ParkingReports reports;

    /** Of whom it is to be said that they are in quarantine. */
    private final Queue<Handler> unsaid = new ConcurrentLinkedQueue<>();

    /** Nobody is in one. */
    Quarantines(ReentrantLock lock, ParkedApps apps, ParkedRoutes routes, Ticker ticker, ParkingReports reports) {
        this.lock = lock;
        this.apps = apps;
        this.routes = routes;
        this.ticker = ticker;
        this.reports = reports;
    }

    /**
     * A handler hangs again and again: it is not called any more, and its events are parked, until it is released, tried with
     * success, or replaced. Does nothing if it is in quarantine, or if its app's parked events are still to be handed over: then it
     * is after that.
     */
    void begin(Handler handler, QuarantineRule rule) {
        lock.lock();
        try {
            ParkedApp app = apps.of(handler);
            boolean isOthers = app != null && app.component == null;
            if (apps.isOpen() && !handler.closed && !isOthers && (app == null || app.isBack())) {
                apps.obtain(handler, handler.identity()).quarantine(handler, rule, ticker.nanos());
                unsaid.add(handler); // before who says it is woken
                apps.changedAway();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Has a handler called no more until it is released; if it is in quarantine already, it is not tried any more. Whether that can
     * be: not while its app's parked events are still to be handed over, or it is about to leave.
     */
    boolean beginByHand(Handler handler) {
        lock.lock();
        try {
            ParkedApp app = apps.of(handler);
            boolean isOthers = app != null && app.component == null;
            if (!apps.isOpen() || handler.closed || isOthers) {
                return false;
            }
            if (app != null && !app.isBack() && !isQuarantined(app, handler)) {
                return false;
            }
            apps.obtain(handler, handler.identity()).quarantineByHand(handler, ticker.nanos());
            unsaid.add(handler);
            apps.changedAway();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Whether {@link #report()} has something to say. */
    boolean hasUnsaid() {
        return !unsaid.isEmpty();
    }

    /** Says of whom it has not been said yet that they are in quarantine. */
    void report() {
        for (Handler handler = unsaid.poll(); handler != null; handler = unsaid.poll()) {
            say(handler);
        }
    }

    private void say(Handler handler) {
        String reason;
        KeyValues values;
        lock.lock();
        try {
            ParkedApp app = apps.of(handler);
            if (!isQuarantined(app, handler)) {
                return; // released meanwhile, or it left
            }
            long now = ticker.nanos();
            reason = app.quarantine().reason(now);
            values = app.quarantine().keyValues(now);
        } finally {
            lock.unlock();
        }
        reports.quarantined(handler, reason, values);
    }

    /** Why a handler is not called; empty if it is in no quarantine. */
    String reasonOf(Handler handler) {
        lock.lock();
        try {
            ParkedApp app = apps.of(handler);
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
            ParkedApp app = apps.of(handler);
            if (!isQuarantined(app, handler) || app.quarantine().isByHand() && !isByHand) {
                return false;
            }
            app.arrive(handler, ticker.nanos());
            apps.changedAway();
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
    Optional<Parking.Claim> claimTrial(ParkedApp app) {
        lock.lock();
        try {
            Quarantine quarantine = app.quarantine();
            if (quarantine == null || app.isEmpty() || quarantine.isTried || quarantine.isByHand()) {
                return Optional.empty();
            }
            quarantine.isTried = true;
            routes.tell();
            return Optional.of(new Parking.Claim(app.next(), List.of(quarantine.handler)));
        } finally {
            lock.unlock();
        }
    }

    /** A handler was tried. If it hung again, or was not called, the event is the next again. */
    void tried(ParkedApp app, Parking.Claim claim, boolean wasCalled) {
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
            unsaid.add(handler); // once more
        }
    }

    private static boolean isQuarantined(ParkedApp app, Handler handler) {
        return app != null && app.quarantine() != null && app.quarantine().handler == handler;
    }
}
