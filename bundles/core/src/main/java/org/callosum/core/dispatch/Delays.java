// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

import org.callosum.api.Message;
import org.callosum.core.DelayStatus;
import org.callosum.core.DelayStatus.Cause;

/**
 * Who held events up: {@code dispatch.md}, row 'who held it up'. Events are dispatched one after the other, so that what an event
 * waited for is known: the invocations that were slow while it waited. One that is slow for less than a moment is not counted.
 *
 * <p><b>Threads.</b> Whoever ends a slow invocation adds it, in the order of their ends; the leading worker says what waited; any
 * thread asks. Nothing here refers to a handler: only to its numbers and names.
 */
final class Delays {
    /** What an event has to have waited to be looked at. */
    static final long LEAST_NANOS = 1_000_000;

    private static final int MAX_RECENT = 256;
    private static final int MAX_LONGEST = 20;

    private record Slow(
            String app,
            String handler,
            Times times,
            String tract,
            String event,
            long startNanos,
            long endNanos,
            String place) {}

    private final InstantSource clock;

    /** Those that ended last, the latest first. */
    private final Deque<Slow> recent = new ArrayDeque<>();

    /** The events that waited longest, one for each invocation that most held them up. */
    private final Map<Slow, DelayStatus> longest = new HashMap<>();

    private volatile boolean hasAny;
    private volatile long latestEndNanos;

    Delays(InstantSource clock) {
        this.clock = clock;
    }

    /** A slow invocation has ended, or is not waited for any more. */
    synchronized void add(Invocation invocation, long endNanos) {
        Message message = invocation.context.msg();
        recent.addFirst(new Slow(
                invocation.handler.owner().app(),
                invocation.handler.name(),
                invocation.handler.times(),
                message.tract(),
                message.event(),
                invocation.sinceNanos,
                endNanos,
                invocation.place));
        if (recent.size() > MAX_RECENT) {
            recent.removeLast();
        }
        latestEndNanos = endNanos;
        hasAny = true;
    }

    /** An event's turn has come. */
    void waited(Message message, long sinceNanos, long nowNanos) {
        if (nowNanos - sinceNanos >= LEAST_NANOS && hasAny && latestEndNanos - sinceNanos > 0) {
            blame(message, sinceNanos, nowNanos);
        }
    }

    private synchronized void blame(Message message, long sinceNanos, long nowNanos) {
        Map<Slow, Long> shares = new HashMap<>();
        Iterator<Slow> latestFirst = recent.iterator();
        while (latestFirst.hasNext()) {
            Slow slow = latestFirst.next();
            if (slow.endNanos() - sinceNanos <= 0) {
                break;
            }
            long from = slow.startNanos() - sinceNanos > 0 ? slow.startNanos() : sinceNanos;
            slow.times().delayed(slow.endNanos() - from);
            shares.put(slow, slow.endNanos() - from);
        }
        keep(message, nowNanos - sinceNanos, shares);
    }

    private void keep(Message message, long waitedNanos, Map<Slow, Long> shares) {
        Slow first = shares.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse(null);
        DelayStatus known = longest.get(first);
        if (first == null
                || known != null && known.waited().toNanos() >= waitedNanos
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
        return new Cause(slow.app(), slow.handler(), slow.tract(), slow.event(), Duration.ofNanos(nanos), slow.place());
    }

    /** The events that waited longest, the longest first; of those that waited mostly for one invocation, one. */
    synchronized List<DelayStatus> longest() {
        List<DelayStatus> all = new ArrayList<>(longest.values());
        all.sort(Comparator.comparing(DelayStatus::waited).reversed());
        return all;
    }
}
