// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

import org.callosum.api.KeyValues;
import org.callosum.core.dispatch.Whereabouts.Answer;

/**
 * Looks after what is parked: asks where those are who are away, and hands over to those who are back.
 *
 * <p><b>Threads.</b> It has one of its own, that sleeps while nothing is parked. Any
 * thread starts and stops it.
 */
final class ParkingWatch {
    /**
     * How long a bundle that runs again may take to publish a handler that nothing announces, and a service that cannot be had
     * may take to leave.
     */
    static final Duration PUBLISH_TIME = Duration.ofMillis(500);

    private static final long LOOK_NANOS = Duration.ofMillis(5).toNanos();

    private final Parking parking;
    private final Whereabouts whereabouts;
    private final Consumer<Handler> prepare;
    private final Consumer<ParkedApp> handOver;
    private final Consumer<ParkedApp> tryOut;
    private final Predicate<ParkedApp> hasLive;
    private final Ticker ticker;
    private final Reports reports;

    /** Guarded by {@code this}; the thread itself never takes that. */
    private Thread thread;

    /** Whether something failed when it looked last, so that it is said once. Used by its thread only. */
    private boolean isFailing;

    /**
     * A watch, not started.
     *
     * @param prepare tries to have a handler's service
     * @param handOver hands some events of an app that is back over
     * @param tryOut tries a handler that is in quarantine, if it is time
     * @param hasLive whether some handler of an app is there
     */
    ParkingWatch(
            Parking parking,
            Whereabouts whereabouts,
            Consumer<Handler> prepare,
            Consumer<ParkedApp> handOver,
            Consumer<ParkedApp> tryOut,
            Predicate<ParkedApp> hasLive,
            Ticker ticker,
            Reports reports) {
        this.parking = parking;
        this.whereabouts = whereabouts;
        this.prepare = prepare;
        this.handOver = handOver;
        this.tryOut = tryOut;
        this.hasLive = hasLive;
        this.ticker = ticker;
        this.reports = reports;
    }

    /** Opens the parking place. Does nothing if it runs. */
    synchronized void start() {
        if (thread == null) {
            parking.open();
            thread = Worker.newThread(this::watch, "callosum-parking");
            thread.start();
        }
    }

    /** Closes the parking place, and gives up all that is parked. Does nothing if it does not run. */
    synchronized void stop() {
        Thread ended = thread;
        thread = null;
        parking.close();
        if (ended != null && ended != Thread.currentThread()) {
            Watchdog.join(ended);
        }
    }

    private void watch() {
        List<ParkedApp> apps = parking.awaitApps();
        while (!apps.isEmpty()) {
            long now = ticker.nanos();
            boolean hasFailed = false;
            for (ParkedApp app : apps) {
                try {
                    settle(app, now);
                    handOver.accept(app);
                    tryOut.accept(app);
                } catch (Throwable failure) { // who knows where apps are is foreign, and nobody else hands over
                    if (!isFailing && !hasFailed) {
                        reportFailure(app, failure);
                    }
                    hasFailed = true;
                }
            }
            isFailing = hasFailed;
            parking.quarantines().report();
            try {
                parking.awaitChange(now, LOOK_NANOS);
            } catch (InterruptedException e) {
                reports.add(
                        log -> log.debug("The thread that hands parked events over was interrupted: it goes on", e));
            }
            apps = parking.awaitApps();
        }
    }

    private void reportFailure(ParkedApp app, Throwable failure) {
        String label = app.label();
        KeyValues values = app.keyValues();
        LoggedFailure logged = LoggedFailure.of(failure);
        reports.add(log -> log.error(
                "What is parked for {} could not be looked after: it is tried again, and said once until it works{}",
                label,
                values,
                logged));
    }

    private void settle(ParkedApp app, long now) {
        parking.takeOverdue(app, PUBLISH_TIME, now).forEach(prepare);
        Map<HandlerIdentity, Answer> answers = new LinkedHashMap<>();
        for (HandlerIdentity identity : parking.away(app)) {
            answers.put(identity, whereabouts.of(app.owner, identity));
        }
        if (!answers.isEmpty()) {
            parking.settle(app, answers, hasLive.test(app), now);
        }
    }
}
