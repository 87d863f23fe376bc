// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;

import org.callosum.api.KeyValues;

/**
 * A handler that hung again and again, and is tried again now and then; or one that an operator wants not to be called, which is
 * not tried. Not thread-safe: {@link Parking} guards it.
 */
final class Quarantine {
    final Handler handler;

    /** When it is tried; {@code null} if it is not, because somebody said so. */
    private final QuarantineRule rule;

    private final int timeouts;
    private final long sinceNanos;
    private int vainTrials;
    private long nextTrialNanos;

    /** Whether it is being tried. */
    boolean isTried;

    Quarantine(Handler handler, QuarantineRule rule, long nowNanos) {
        this.handler = handler;
        this.rule = rule;
        this.timeouts = handler.timeoutsInARow;
        this.sinceNanos = nowNanos;
        this.nextTrialNanos = nowNanos + rule.coolDown(0).toNanos();
    }

    private Quarantine(Handler handler, long nowNanos) {
        this.handler = handler;
        this.rule = null;
        this.timeouts = 0;
        this.sinceNanos = nowNanos;
    }

    /** One that lasts until it is released. */
    static Quarantine byHand(Handler handler, long nowNanos) {
        return new Quarantine(handler, nowNanos);
    }

    boolean isByHand() {
        return rule == null;
    }

    boolean isTrialDue(long nowNanos) {
        return !isByHand() && !isTried && nowNanos - nextTrialNanos >= 0;
    }

    /** It hung again. */
    void triedInVain(long nowNanos) {
        isTried = false;
        vainTrials++;
        nextTrialNanos = nowNanos + rule.coolDown(vainTrials).toNanos();
    }

    /** What it came of, for the values of a log line. */
    KeyValues keyValues(long nowNanos) {
        KeyValues values = Incidents.elapsed(KeyValues.of("by_hand", isByHand()), nowNanos - sinceNanos);
        return isByHand()
                ? values
                : values.and("timeouts", timeouts)
                        .and("vain_trials", vainTrials)
                        .and(
                                "retry_ms",
                                Duration.ofNanos(Math.max(0, nextTrialNanos - nowNanos))
                                        .toMillis());
    }

    /** A sentence for an operator. */
    String reason(long nowNanos) {
        if (isByHand()) {
            return "in quarantine for " + Incidents.seconds(nowNanos - sinceNanos)
                    + ", by hand: its events are parked until it is released";
        }
        long left = nextTrialNanos - nowNanos;
        return "in quarantine for " + Incidents.seconds(nowNanos - sinceNanos) + ", after " + timeouts
                + " time-outs in a row and " + vainTrials + " vain trials: its events are parked; "
                + (isTried
                        ? "it is being tried"
                        : left > 0
                                ? "it is tried again in " + Incidents.seconds(left)
                                : "it is tried again with the next event, once no run of it that overran is alive");
    }
}
