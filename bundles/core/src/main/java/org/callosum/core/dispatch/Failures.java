// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        final long atNanos;

        /** Guarded by the failures. */
        long unsaid;

        /** Where it was thrown; {@code null} until that is known. */
        volatile List<String> trace;

        Said(long atNanos) {
            this.atNanos = atNanos;
        }
    }

    /** Guarded by {@code this}. */
    private final Map<Handler, Map<String, Said>> all = new WeakHashMap<>();

    private final Ticker ticker;

    Failures(Ticker ticker) {
        this.ticker = ticker;
    }

    /** One failure, and what is known of those before that were the same. Used by the thread on which it happened. */
    static final class Seen {
        private final Throwable failure;
        private final Said said;
        private final boolean isToBeSaid;
        private final long unsaid;
        private LoggedFailure logged;

        private Seen(Throwable failure, Said said, boolean isToBeSaid, long unsaid) {
            this.failure = failure;
            this.said = said;
            this.isToBeSaid = isToBeSaid;
            this.unsaid = unsaid;
        }

        /** Whether it is to be logged: no other one was within a minute. */
        boolean isToBeSaid() {
            return isToBeSaid;
        }

        /** How often it came since it was logged last, without this one. */
        long unsaid() {
            return unsaid;
        }

        /**
         * Where it was thrown, a line each, and what caused it; of the one that was logged if this one is not: the text of a stack
         * takes longer than most handlers.
         */
        List<String> trace() {
            List<String> known = said.trace;
            if (known == null) { // it is to be said, or whoever says it has not come so far
                known = List.copyOf(StackText.lines(logged()));
                said.trace = known;
            }
            return known;
        }

        /** The failure to be logged, made once: that asks the failure, which is foreign. */
        LoggedFailure logged() {
            if (logged == null) {
                logged = LoggedFailure.of(failure);
            }
            return logged;
        }
    }

    /**
     * Notes a failure.
     *
     * @param isActivation whether it was the handler's activation that failed, and not its call
     */
    Seen see(Handler handler, boolean isActivation, Throwable failure) {
        String key = (isActivation ? "activation " : "") + key(failure);
        long now = ticker.nanos();
        synchronized (this) {
            Map<String, Said> its = all.computeIfAbsent(handler, each -> new LinkedHashMap<>());
            Said said = its.get(key);
            if (said != null && now - said.atNanos < PAUSE_NANOS) {
                said.unsaid++;
                return new Seen(failure, said, false, 0);
            }
            if (said == null && its.size() == MAX_EACH) {
                its.remove(its.keySet().iterator().next());
            }
            Said saidNow = new Said(now);
            its.put(key, saidNow);
            return new Seen(failure, saidNow, true, said == null ? 0 : said.unsaid);
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
        String type = failure.getClass().getName();
        if (stack == null || stack.length == 0) {
            return type;
        }
        StackTraceElement place = stack[0];
        return type + " at " + place.getClassName() + "." + place.getMethodName() + ":" + place.getLineNumber();
    }
}
