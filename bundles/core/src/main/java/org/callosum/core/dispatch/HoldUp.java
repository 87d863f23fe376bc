// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import org.callosum.api.KeyValues;
import org.callosum.core.EventSource;

/**
 * How long the oldest event has waited: one in the source that is followed, or the one under way. Notices once a minute at most that
 * it is too long.
 *
 * <p>The dispatching is not touched: the event under way counts from when it was first seen, and the source is asked once a second.
 *
 * <p><b>Threads.</b> Used by the watchdog alone, {@link #look} without its lock, for the source is foreign; but anybody may ask how
 * long an event has been under way. What that needs is guarded by {@code this}.
 */
final class HoldUp {
    /** How often it is worth asking. */
    static final long ASK_NANOS = Duration.ofSeconds(1).toNanos();

    private static final long PAUSE_NANOS = Duration.ofMinutes(1).toNanos();

    /**
     * What is held up.
     *
     * @param text how long the oldest event has waited, and how many do
     * @param values the same, for the values of a log line
     */
    record Sight(String text, KeyValues values) {}

    private final Supplier<EventSource> source;

    /** The event that was under way when it was looked last, and since when it is. Weak: it has the handlers of apps that may be gone. */
    private WeakReference<Dispatch> seen = new WeakReference<>(null);

    private long seenNanos;

    private boolean isSaid;
    private long saidNanos;

    /**
     * One that has seen nothing.
     *
     * @param source what is followed; gives {@code null} if that is nothing
     */
    HoldUp(Supplier<EventSource> source) {
        this.source = source;
    }

    /** Notes which event is under way; {@code null} if none is. Calls nothing foreign. */
    synchronized void see(Dispatch underWay, long now) {
        if (underWay != null && !seen.refersTo(underWay)) {
            seen = new WeakReference<>(underWay);
            seenNanos = now;
        }
    }

    /** For how long an event has been under way since it was first seen; zero if it was not seen yet, or there is none. */
    synchronized long handledNanos(Dispatch underWay, long now) {
        return underWay != null && seen.refersTo(underWay) ? now - seenNanos : 0;
    }

    /**
     * Looks, and says how long the oldest event has waited, and how many do; {@code null} unless that is too long and was not said
     * within a minute.
     *
     * @param underWay the event under way; {@code null} if there is none
     */
    Sight look(Dispatch underWay, long now, long limitNanos) {
        see(underWay, now);
        EventSource from = source.get();
        long since = from == null ? EventSource.UNKNOWN : from.waitingSinceNanos();
        long waited = since == EventSource.UNKNOWN ? 0 : now - since;
        long handled = handledNanos(underWay, now);
        if (Math.max(waited, handled) < limitNanos || isSaid && now - saidNanos < PAUSE_NANOS) {
            return null;
        }
        isSaid = true;
        saidNanos = now;
        long waiting = from == null ? 0 : from.waiting();
        List<String> parts = new ArrayList<>();
        KeyValues values = KeyValues.of("waiting_events", waiting);
        if (underWay != null) {
            parts.add("event " + underWay.message + " has been under way for " + Incidents.seconds(handled));
            values = Incidents.elapsed(underWay.message.keyValues(), handled).and(values);
        }
        if (waited > 0) {
            parts.add("the oldest of " + waiting + " that wait has waited for " + Incidents.seconds(waited));
            values = values.and("oldest_ms", Duration.ofNanos(waited).toMillis());
        }
        return new Sight("Events are held up: " + String.join(", ", parts), values);
    }
}
