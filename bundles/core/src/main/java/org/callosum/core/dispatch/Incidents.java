// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.WeakHashMap;

import org.osgi.service.log.Logger;

/**
 * Logs what is slow and what overran, with its stack, for each handler once a minute, with the number of the rest.
 *
 * <p><b>Threads.</b> Used by the watchdog alone. No lock is held while it logs.
 */
final class Incidents {
    private static final long PAUSE_NANOS = Duration.ofMinutes(1).toNanos();

    /** What was said last of a handler, and how much was not said since. */
    private static final class Said {
        long atNanos;
        long unsaid;
    }

    /** Carries where a thread is to the log; nothing was thrown. */
    private static final class Stack extends Throwable {
        private static final long serialVersionUID = 1L;

        Stack(String thread, List<StackTraceElement> frames) {
            super(thread + " is here", null, false, true);
            setStackTrace(frames.toArray(StackTraceElement[]::new));
        }

        @Override
        public String toString() {
            return getMessage();
        }
    }

    private final Ticker ticker;
    private final Logger logger;
    private final Map<Handler, Said> slow = new WeakHashMap<>();
    private final Map<Handler, Said> overran = new WeakHashMap<>();

    Incidents(Ticker ticker, Logger logger) {
        this.ticker = ticker;
        this.logger = logger;
    }

    /** A handler has run for longer than the soft limit. */
    void slow(
            Handler handler,
            String label,
            long ranNanos,
            long limitNanos,
            String thread,
            List<StackTraceElement> stack) {
        say(
                slow,
                handler,
                label + " is slow: it has run for " + seconds(ranNanos) + ", of " + seconds(limitNanos)
                        + " that it may",
                thread,
                stack);
    }

    /** A handler has run for longer than it may. */
    void overran(Handler handler, String label, long ranNanos, String thread, List<StackTraceElement> stack) {
        say(
                overran,
                handler,
                label + " overran after " + seconds(ranNanos)
                        + ": no longer waited for, it runs on; its worker is replaced",
                thread,
                stack);
    }

    /** The worker that leads has been busy with the dispatcher's own business for that long. */
    void stuck(long nanos, Thread thread) {
        logger.error(
                "No event was dispatched for {}, and no handler holds it up",
                seconds(nanos),
                new Stack(thread.getName(), List.of(thread.getStackTrace())));
    }

    private void say(
            Map<Handler, Said> all, Handler handler, String text, String thread, List<StackTraceElement> stack) {
        long now = ticker.nanos();
        Said said = all.get(handler);
        if (said != null && now - said.atNanos < PAUSE_NANOS) {
            said.unsaid++;
            return;
        }
        String line = said == null || said.unsaid == 0
                ? text
                : text + " (and " + said.unsaid + " times more since it was said last)";
        Said saidNow = new Said();
        saidNow.atNanos = now;
        all.put(handler, saidNow);
        if (stack.isEmpty()) {
            logger.warn(line);
        } else {
            logger.warn("{}", line, new Stack(thread, stack));
        }
    }

    static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
    }
}
