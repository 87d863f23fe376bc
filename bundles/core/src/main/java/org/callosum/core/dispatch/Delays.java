// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.callosum.api.Message;
import org.callosum.core.DelayStatus;
import org.callosum.core.DelayStatus.Cause;

/**
 * Who held events up: {@code dispatch.md}, row 'who held it up'. Events are dispatched one after the other, so that what an event
 * waited for is known: the invocations that were slow while it waited. One that is slow for less than a moment is not counted.
 *
 * <p>A flood behind one slow handler waits event by event. So an event is not counted at each invocation that held it up: it is
 * at one place, from which on it waited for all of them from their start to their end, and the sums are made once in a moment. In
 * that time only the event that waited longest is looked at one by one.
 *
 * <p><b>Threads.</b> Whoever ends a slow invocation adds it, in the order of their ends; the leading worker says what waited; any
 * thread asks. Nothing here refers to a handler: only to its numbers and names.
 */
final class Delays {
    /** What an event has to have waited to be looked at, and how often sums are made. */
    static final long LEAST_NANOS = 1_000_000;

    private static final int MAX_RECENT = 256;
    private static final int MAX_LONGEST = 20;

    private static final class Slow {
        final String app;
        final String handler;
        final Times times;
        final String tract;
        final String event;
        final long startNanos;
        final long endNanos;
        final String place;

        /** Those that overlap, one with the next, have the same: all with a greater one began when the last of them had ended. */
        long group;

        /** How many events waited for this one and all behind it, but not for the one before it. */
        long events;

        Slow(Invocation of, long endNanos) {
            Message message = of.context.msg();
            this.app = of.handler.owner().app();
            this.handler = of.handler.name();
            this.times = of.handler.times();
            this.tract = message.tract();
            this.event = message.event();
            this.startNanos = of.sinceNanos;
            this.endNanos = endNanos;
            this.place = of.place;
        }

        /** For how long an event that came at this time waited for it. */
        long delayOf(long sinceNanos) {
            return endNanos - (startNanos - sinceNanos > 0 ? startNanos : sinceNanos);
        }
    }

    private final InstantSource clock;

    /** Those that ended last, the latest last. */
    private final List<Slow> recent = new ArrayList<>();

    private long lastGroup;

    /** The events that waited longest, one for each invocation that most held them up. */
    private final Map<Slow, DelayStatus> longest = new HashMap<>();

    /** The event that waited longest since the sums were made; {@code null} if none did. */
    private Message peak;

    private long peakSinceNanos;
    private long peakNanos;

    private long summedNanos;

    private volatile boolean hasAny;
    private volatile long latestEndNanos;

    Delays(InstantSource clock) {
        this.clock = clock;
    }

    /** A slow invocation has ended, or is not waited for any more. */
    synchronized void add(Invocation invocation, long endNanos) {
        sum(); // it held none of them up
        Slow slow = new Slow(invocation, endNanos);
        int overlapping = recent.size();
        while (overlapping > 0 && recent.get(overlapping - 1).endNanos - slow.startNanos > 0) {
            overlapping--;
        }
        recent.add(slow);
        long group = overlapping == recent.size() - 1 ? ++lastGroup : recent.get(overlapping).group;
        recent.subList(overlapping, recent.size()).forEach(each -> each.group = group);
        lastGroup = group;
        if (recent.size() > MAX_RECENT) {
            recent.remove(0);
        }
        latestEndNanos = endNanos;
        hasAny = true;
    }

    /** An event's turn has come. */
    void waited(Message message, long sinceNanos, long nowNanos) {
        if (nowNanos - sinceNanos >= LEAST_NANOS && hasAny && latestEndNanos - sinceNanos > 0) {
            count(message, sinceNanos, nowNanos);
        }
    }

    private synchronized void count(Message message, long sinceNanos, long nowNanos) {
        int place = firstEndedAfter(sinceNanos);
        long group = recent.get(place).group;
        for (; place < recent.size() && recent.get(place).group == group; place++) {
            Slow slow = recent.get(place);
            slow.times.delayed(slow.delayOf(sinceNanos));
        }
        if (place < recent.size()) {
            recent.get(place).events++;
        }
        if (peak == null || nowNanos - sinceNanos > peakNanos) {
            peak = message;
            peakSinceNanos = sinceNanos;
            peakNanos = nowNanos - sinceNanos;
        }
        if (nowNanos - summedNanos >= LEAST_NANOS) {
            summedNanos = nowNanos;
            sum();
        }
    }

    /** There is one: the latest. */
    private int firstEndedAfter(long nanos) {
        int from = 0;
        int to = recent.size() - 1;
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (recent.get(middle).endNanos - nanos > 0) {
                to = middle;
            } else {
                from = middle + 1;
            }
        }
        return from;
    }

    /** Makes the sums: what the handlers' {@link Times} and {@link #longest()} say is up to now. */
    synchronized void sum() {
        if (peak == null) {
            return;
        }
        long events = 0;
        for (Slow slow : recent) {
            events += slow.events;
            slow.events = 0;
            if (events > 0) {
                slow.times.delayed(events * (slow.endNanos - slow.startNanos));
            }
        }
        keepPeak();
        peak = null;
    }

    private void keepPeak() {
        Map<Slow, Long> shares = new HashMap<>();
        for (Slow slow : recent.subList(firstEndedAfter(peakSinceNanos), recent.size())) {
            shares.put(slow, slow.delayOf(peakSinceNanos));
        }
        keep(peak, peakNanos, shares);
    }

    private void keep(Message message, long waitedNanos, Map<Slow, Long> shares) {
        Slow first =
                Collections.max(shares.entrySet(), Map.Entry.comparingByValue()).getKey();
        DelayStatus known = longest.get(first);
        if (known != null && known.waited().toNanos() >= waitedNanos
                || known == null
                        && longest.size() == MAX_LONGEST
                        && shortest().waited().toNanos() >= waitedNanos) {
            return;
        }
        List<Cause> causes = shares.entrySet().stream()
                .sorted(Map.Entry.<Slow, Long>comparingByValue().reversed())
                .map(share -> cause(share.getKey(), share.getValue()))
                .toList();
        longest.put(
                first,
                new DelayStatus(
                        message.tract(), message.event(), clock.instant(), Duration.ofNanos(waitedNanos), causes));
        if (longest.size() > MAX_LONGEST) {
            longest.values().remove(shortest());
        }
    }

    private DelayStatus shortest() {
        return longest.values().stream()
                .min(Comparator.comparing(DelayStatus::waited))
                .orElseThrow();
    }

    private static Cause cause(Slow slow, long nanos) {
        return new Cause(slow.app, slow.handler, slow.tract, slow.event, Duration.ofNanos(nanos), slow.place);
    }

    /** The events that waited longest, the longest first; of those that waited mostly for one invocation, one. */
    synchronized List<DelayStatus> longest() {
        sum();
        List<DelayStatus> all = new ArrayList<>(longest.values());
        all.sort(Comparator.comparing(DelayStatus::waited).reversed());
        return all;
    }
}
