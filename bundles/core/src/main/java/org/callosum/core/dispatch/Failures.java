// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.WeakHashMap;

/**
 * Which failures of which handler were logged, so that none is twice within a minute. Two are the same if the same was thrown at
 * the same place.
 *
 * <p><b>Threads.</b> Any. No lock is held while an exception is asked for anything.
 */
final class Failures {
    private static final long PAUSE_NANOS = Duration.ofMinutes(1).toNanos();

    /** How many failures of one handler are told from each other; one more has the oldest said again. */
    private static final int MAX_EACH = 16;

    /** What was said last of a failure, and how often it came since. */
    private static final class Said {
        long atNanos;
        long unsaid;
    }

    /** Guarded by {@code this}. */
    private final Map<Handler, Map<String, Said>> all = new WeakHashMap<>();

    private final Ticker ticker;

    Failures(Ticker ticker) {
        this.ticker = ticker;
    }

    /**
     * How often a failure came since it was logged last, if it is to be logged now; empty if it was within a minute.
     *
     * @param isActivation whether it was the handler's activation that failed, and not its call
     */
    OptionalLong see(Handler handler, boolean isActivation, Throwable failure) {
        String key = (isActivation ? "activation " : "") + key(failure);
        long now = ticker.nanos();
        synchronized (this) {
            Map<String, Said> its = all.computeIfAbsent(handler, each -> new LinkedHashMap<>());
            Said said = its.get(key);
            if (said != null && now - said.atNanos < PAUSE_NANOS) {
                said.unsaid++;
                return OptionalLong.empty();
            }
            if (said == null && its.size() == MAX_EACH) {
                its.remove(its.keySet().iterator().next());
            }
            Said saidNow = new Said();
            saidNow.atNanos = now;
            its.put(key, saidNow);
            return OptionalLong.of(said == null ? 0 : said.unsaid);
        }
    }

    /** The class and the place: not the text, which may name the event. */
    private static String key(Throwable failure) {
        StackTraceElement[] stack;
        try {
            stack = failure.getStackTrace();
        } catch (Throwable unreadable) { // foreign code, too
            stack = null;
        }
        String place = stack == null || stack.length == 0 ? "" : " at " + stack[0];
        return failure.getClass().getName() + place;
    }
}
