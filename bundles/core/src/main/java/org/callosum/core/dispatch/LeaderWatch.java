// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

/**
 * What the watchdog sees of the worker that leads, from look to look: whether it gets on. It keeps what it saw with the worker.
 *
 * <p><b>Threads.</b> Used by the watchdog alone, with the lock of {@link Workers} held.
 */
final class LeaderWatch {
    private LeaderWatch() {}

    /** When the one that leads is reported because it goes on with nothing. */
    static final long STUCK_NANOS = 5_000_000_000L;

    /** And how often it was seen so: a machine that slept makes no report. */
    private static final int STUCK_LOOKS = 1_000;

    /** What was seen. */
    enum Sight {
        /** It has begun or ended a run since the last look. */
        GETS_ON,
        /** It still runs the handler that it ran at the last look: {@link Worker#seen} is the run's number. */
        RUNS,
        /** It has begun no run since the last look: it does something else for a while. Said once. */
        AWAY,
        /** The same for so long that somebody has to know. Said again after as long. */
        STUCK,
        /** It is away, as was said. */
        NOTHING_NEW
    }

    /** Looks at the worker that leads. */
    static Sight look(Worker leader, long nowNanos) {
        long number = leader.state();
        if (number != leader.seen) {
            leader.seen = number;
            leader.seenNanos = nowNanos;
            leader.looks = 0;
            return Sight.GETS_ON;
        }
        if ((number & 1) != 0) {
            return Sight.RUNS;
        }
        if (++leader.looks == 1) {
            return Sight.AWAY;
        }
        if (leader.looks >= STUCK_LOOKS && nowNanos - leader.seenNanos >= STUCK_NANOS) {
            leader.looks = 0;
            leader.seenNanos = nowNanos;
            return Sight.STUCK;
        }
        return Sight.NOTHING_NEW;
    }
}
