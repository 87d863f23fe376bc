// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.Locale;

import org.callosum.api.KeyValues;

/**
 * What the log, and whoever listens, is told of apps that are parked. Called without a lock, about apps that nobody changes any
 * more. What waits for the log holds texts, and nothing of an app or a handler.
 */
final class ParkingReports {
    private final Facts facts;
    private final Reports reports;

    ParkingReports(Facts facts, Reports reports) {
        this.facts = facts;
        this.reports = reports;
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
        long givenUp = app.givenUp();
        if (givenUp > 0) {
            reports.add(log -> log.warn("{}, {} were given up{}", text, givenUp, values));
        } else if (app.parked() > 0) {
            reports.add(log -> log.info("{}{}", text, values));
        } else {
            reports.add(log -> log.debug("{}{}", text, values));
        }
    }

    /** What was parked for an app is given up. */
    void givenUp(ParkedApp app, String reason) {
        String label = app.label();
        KeyValues values = app.keyValues().and("reason", reason);
        long givenUp = app.givenUp();
        if (givenUp > 0) {
            reports.add(log -> log.warn(
                    "{}: {}: {} parked events are given up{}",
                    label,
                    reason,
                    givenUp,
                    values.and("given_up_events", givenUp)));
        } else {
            reports.add(log -> log.debug("{}: {}; no event was parked{}", label, reason, values));
        }
    }

    /**
     * A handler is not called any more for a while.
     *
     * @param values what its quarantine came of, for the values of the log line
     */
    void quarantined(Handler handler, String reason, KeyValues values) {
        String label = handler.label();
        long serviceId = handler.serviceId();
        KeyValues all = handler.keyValues().and(values);
        reports.add(log -> log.warn(
                "{} is {}. 'callosum:release {}' releases it at once, and so does a new version of its app{}",
                label,
                reason,
                serviceId,
                all));
        facts.quarantined(handler, reason);
    }

    /** A handler is called again. */
    void released(Handler handler) {
        String label = handler.label();
        KeyValues values = handler.keyValues();
        reports.add(log ->
                log.info("{} is released from quarantine: what was parked for it is handed over{}", label, values));
        facts.released(handler);
    }

    /** A handler is not in the new version. */
    void dropped(Owner owner, HandlerIdentity identity, long events) {
        String label = owner.app() + "/" + identity.label();
        KeyValues values = owner.keyValues(identity.label());
        if (events > 0) {
            reports.add(log -> log.warn(
                    "{} is no more after the change: its share of {} parked events is given up{}",
                    label,
                    events,
                    values.and("given_up_events", events)));
        } else {
            reports.add(log -> log.info("{} is no more after the change{}", label, values));
        }
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.3f s", duration.toNanos() / 1e9);
    }
}
