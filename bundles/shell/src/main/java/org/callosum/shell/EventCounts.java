// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;

/**
 * Counts events by their names, for as long as somebody looks. However many names there are, the memory is bounded: what comes
 * under later ones is counted together.
 *
 * <p><b>Threads.</b> The dispatcher's workers count, another thread takes.
 */
final class EventCounts implements CallosumEventHandler {
    /** Stands for all names that found no place. */
    static final Name OTHER = new Name("…", "…");

    private static final int MAX_NAMES = 1_000;

    /** Longer names, which only strangers make, are cut. */
    private static final int MAX_LENGTH = 200;

    private final Map<Name, LongAdder> counts = new ConcurrentHashMap<>();

    /** An event's names. */
    record Name(String tract, String event) {}

    @Override
    public void handle(EventContext context) {
        Name name = new Name(cut(context.tract()), cut(context.event()));
        LongAdder count = counts.get(name);
        if (count == null) {
            count = counts.computeIfAbsent(counts.size() < MAX_NAMES ? name : OTHER, any -> new LongAdder());
        }
        count.increment();
    }

    /** What came since the last call, without names of which nothing came: those are forgotten. */
    Map<Name, Long> take() {
        Map<Name, Long> taken = new HashMap<>();
        counts.forEach((name, count) -> {
            long since = count.sumThenReset();
            if (since > 0) {
                taken.put(name, since);
            } else {
                counts.remove(name); // one that is counted this very moment is lost; it is a rate that is shown
            }
        });
        return taken;
    }

    private static String cut(String name) {
        return name.length() <= MAX_LENGTH ? name : name.substring(0, MAX_LENGTH);
    }
}
