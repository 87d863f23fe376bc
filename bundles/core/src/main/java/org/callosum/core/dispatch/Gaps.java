// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import org.callosum.api.Gap;
import org.callosum.api.Gap.Reason;

/**
 * What handlers have to be told before their next event: {@code dispatch.md}, row 'loss that could not be helped'. Whatever
 * gives events up says so here.
 *
 * <p>It is kept by the handler's identity, so that a new version is told what its predecessor missed, and refers to no
 * handler.
 *
 * <p><b>Threads.</b> Any; each method is atomic for each handler.
 */
public final class Gaps {
    private record Key(long bundleId, HandlerIdentity identity) {
        static Key of(Handler handler) {
            return new Key(handler.owner().bundleId(), handler.identity());
        }
    }

    private final InstantSource clock;

    /** Changes whenever something is owed to one more handler. Not 0. */
    private final AtomicInteger state = new AtomicInteger(1);

    /** A value is replaced, never changed. */
    private final Map<Key, Map<Reason, Gap>> owed = new ConcurrentHashMap<>();

    /** Nothing is missing yet. */
    public Gaps(InstantSource clock) {
        this.clock = clock;
    }

    /** The time, as it stands in gaps. */
    Instant now() {
        return clock.instant();
    }

    /** One event was given up for these handlers, now. */
    void add(Collection<Handler> handlers, Reason reason) {
        Instant now = now();
        Gap one = new Gap(reason, OptionalLong.of(1), now, now);
        handlers.forEach(handler -> add(handler, one));
    }

    /** Events were given up for a handler, or may have been. */
    void add(Handler handler, Gap gap) {
        Map<Reason, Gap> one = Map.of(gap.reason(), gap);
        if (owed.merge(Key.of(handler), one, Gaps::merged) == one) {
            state.incrementAndGet(); // behind it: who looks in between looks again
        }
    }

    /** Takes what a handler has to be told, one gap for each reason. */
    List<Gap> take(Handler handler) {
        int now = state.get();
        if (handler.gapsSeen == now) {
            return List.of(); // the rule, also while something is owed to others: no key is made for it
        }
        handler.gapsSeen = now;
        Map<Reason, Gap> gaps = owed.remove(Key.of(handler));
        return gaps == null ? List.of() : List.copyOf(gaps.values());
    }

    /** A handler left for good: nobody is there to be told. */
    void forget(Handler handler) {
        owed.remove(Key.of(handler));
    }

    /** A bundle is gone. */
    void forget(long bundleId) {
        owed.keySet().removeIf(key -> key.bundleId() == bundleId);
    }

    private static Map<Reason, Gap> merged(Map<Reason, Gap> known, Map<Reason, Gap> more) {
        Map<Reason, Gap> all = new EnumMap<>(known);
        more.forEach((reason, gap) -> all.merge(reason, gap, Gaps::merged));
        return all;
    }

    static Gap merged(Gap first, Gap second) {
        boolean isCounted = first.events().isPresent() && second.events().isPresent();
        return new Gap(
                first.reason(),
                isCounted
                        ? OptionalLong.of(
                                first.events().getAsLong() + second.events().getAsLong())
                        : OptionalLong.empty(),
                first.from().isBefore(second.from()) ? first.from() : second.from(),
                first.to().isAfter(second.to()) ? first.to() : second.to());
    }
}
