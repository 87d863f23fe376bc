// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.WeakHashMap;

import org.callosum.api.KeyValues;
import org.callosum.core.InvocationStatus;

/**
 * Reports what is slow and what overran, with its stack, for each handler once a minute, with the number of the rest.
 *
 * <p><b>Threads.</b> Used by the watchdog alone, which {@link Reports} does not hold up.
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
            super(thread + " is here", null, true, true);
            setStackTrace(frames.toArray(StackTraceElement[]::new));
        }

        @Override
        public String toString() {
            return getMessage();
        }
    }

    /**
     * What is seen of an invocation that takes long.
     *
     * @param label what it does
     * @param values the same, for the values of a log line
     * @param atNanos when it was seen
     * @param ranNanos how long it had run then
     * @param stack where it was, innermost frame first; empty if it has ended meanwhile
     */
    record Sight(
            Handler handler,
            String label,
            KeyValues values,
            long atNanos,
            long ranNanos,
            String thread,
            List<StackTraceElement> stack) {}

    private final Reports reports;
    private final Map<Handler, Said> slow = new WeakHashMap<>();
    private final Map<Handler, Said> overran = new WeakHashMap<>();

    Incidents(Reports reports) {
        this.reports = reports;
    }

    /** A handler has run for longer than the soft limit. */
    void slow(Sight sight, long limitNanos) {
        say(
                slow,
                sight,
                sight.label() + " is slow: it has run for " + seconds(sight.ranNanos()) + ", of " + seconds(limitNanos)
                        + " that it may",
                elapsed(sight.values(), sight.ranNanos()).and("limit_ms", millis(limitNanos)));
    }

    /** A handler has run for longer than it may. */
    void overran(Sight sight) {
        say(
                overran,
                sight,
                sight.label() + " overran after " + seconds(sight.ranNanos())
                        + ": no longer waited for, it runs on; its worker is replaced",
                elapsed(sight.values(), sight.ranNanos()));
    }

    /** The worker that leads has been busy with the dispatcher's own business for that long. */
    void stuck(long nanos, Thread thread) {
        Stack stack = new Stack(thread.getName(), Stacks.of(thread));
        KeyValues values = KeyValues.of("elapsed_ms", millis(nanos)).and("thread", thread.getName());
        reports.add(log -> log.error(
                "No event was dispatched for {}, and no handler holds it up{}", seconds(nanos), values, stack));
    }

    /**
     * Events wait for longer than they may.
     *
     * @param text what they wait for, with its values
     * @param runs the invocations that hold them up
     * @param loop the thread that leads, if it is not one of them; {@code null} if there is none
     */
    void heldUp(String text, List<InvocationStatus> runs, Thread loop) {
        List<Stack> stacks = new ArrayList<>();
        runs.forEach(run -> stacks.add(new Stack(run.thread(), run.stack())));
        if (loop != null) {
            stacks.add(new Stack(loop.getName(), Stacks.of(loop)));
        }
        if (stacks.isEmpty()) {
            reports.add(log -> log.warn(text));
            return;
        }
        Stack first = stacks.get(0);
        stacks.subList(1, stacks.size()).forEach(first::addSuppressed);
        reports.add(log -> log.warn("{}", text, first));
    }

    private void say(Map<Handler, Said> all, Sight sight, String text, KeyValues values) {
        Said said = all.get(sight.handler());
        if (said != null && sight.atNanos() - said.atNanos < PAUSE_NANOS) {
            said.unsaid++;
            return;
        }
        String line = said == null || said.unsaid == 0
                ? text + values
                : text + " (and " + said.unsaid + " times more since it was said last)"
                        + values.and("left_out", said.unsaid);
        Said saidNow = new Said();
        saidNow.atNanos = sight.atNanos();
        all.put(sight.handler(), saidNow);
        if (sight.stack().isEmpty()) {
            reports.add(log -> log.warn(line));
        } else {
            Stack stack = new Stack(sight.thread(), sight.stack());
            reports.add(log -> log.warn("{}", line, stack));
        }
    }

    /** What a line is about, and for how long. */
    static KeyValues elapsed(KeyValues of, long nanos) {
        return of.and("elapsed_ms", millis(nanos));
    }

    private static long millis(long nanos) {
        return Duration.ofNanos(nanos).toMillis();
    }

    static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
    }
}
