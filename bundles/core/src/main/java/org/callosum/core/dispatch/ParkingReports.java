// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.Locale;

import org.callosum.api.KeyValues;
import org.osgi.service.log.Logger;

/** What the log, and whoever listens, is told of apps that are parked. Called without a lock, about apps that nobody changes any more. */
final class ParkingReports {
    private final Facts facts;
    private final Logger logger;

    ParkingReports(Facts facts, Logger logger) {
        this.facts = facts;
        this.logger = logger;
    }

    /** An app has all that was parked for it. */
    void back(ParkedApp app, long nowNanos) {
        String text = app.label() + " is back after " + seconds(app.awayFor(nowNanos)) + ": of " + app.parked()
                + " parked events " + app.handedOver() + " were handed over";
        KeyValues values = app.keyValues()
                .and("elapsed_ms", app.awayFor(nowNanos).toMillis())
                .and("parked_events", app.parked())
                .and("handed_over_events", app.handedOver())
                .and("given_up_events", app.givenUp());
        if (app.givenUp() > 0) {
            logger.warn("{}, {} were given up{}", text, app.givenUp(), values);
        } else if (app.parked() > 0) {
            logger.info("{}{}", text, values);
        } else {
            logger.debug("{}{}", text, values);
        }
    }

    /** What was parked for an app is given up. */
    void givenUp(ParkedApp app, String reason) {
        KeyValues values = app.keyValues().and("reason", reason);
        if (app.givenUp() > 0) {
            logger.warn(
                    "{}: {}: {} parked events are given up{}",
                    app.label(),
                    reason,
                    app.givenUp(),
                    values.and("given_up_events", app.givenUp()));
        } else {
            logger.debug("{}: {}; no event was parked{}", app.label(), reason, values);
        }
    }

    /**
     * A handler is not called any more for a while.
     *
     * @param values what its quarantine came of, for the values of the log line
     */
    void quarantined(Handler handler, String reason, KeyValues values) {
        logger.warn(
                "{} is {}. 'callosum:release {}' releases it at once, and so does a new version of its app{}",
                handler.label(),
                reason,
                handler.serviceId(),
                handler.keyValues().and(values));
        facts.quarantined(handler, reason);
    }

    /** A handler is called again. */
    void released(Handler handler) {
        logger.info(
                "{} is released from quarantine: what was parked for it is handed over{}",
                handler.label(),
                handler.keyValues());
        facts.released(handler);
    }

    /** A handler is not in the new version. */
    void dropped(Owner owner, HandlerIdentity identity, long events) {
        String label = owner.app() + "/" + identity.label();
        KeyValues values = owner.keyValues(identity.label());
        if (events > 0) {
            logger.warn(
                    "{} is no more after the change: its share of {} parked events is given up{}",
                    label,
                    events,
                    values.and("given_up_events", events));
        } else {
            logger.info("{} is no more after the change{}", label, values);
        }
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.3f s", duration.toNanos() / 1e9);
    }
}
