// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.callosum.api.KeyValues;
import org.callosum.core.InvocationStatus;

/**
 * Has events that wait too long reported, with what holds them up.
 *
 * <p><b>Threads.</b> Used by the watchdog alone. {@link #look} calls a source, which is foreign, and asks for stacks: no lock is held.
 */
final class HoldUpWatch {
    private final HoldUp holdUp;
    private final Supplier<Dispatch> underWay;
    private final Supplier<List<InvocationStatus>> slow;
    private final Supplier<Thread> loop;
    private final Incidents incidents;

    /** When it was asked last how long events wait. */
    private long askedNanos;

    /**
     * One that has not asked since a moment.
     *
     * @param underWay gives the event under way; {@code null} if there is none
     * @param slow gives what takes long and still runs
     * @param loop gives the thread that leads; {@code null} if none does
     */
    HoldUpWatch(
            HoldUp holdUp,
            Supplier<Dispatch> underWay,
            Supplier<List<InvocationStatus>> slow,
            Supplier<Thread> loop,
            Incidents incidents,
            long nowNanos) {
        this.holdUp = holdUp;
        this.underWay = underWay;
        this.slow = slow;
        this.loop = loop;
        this.incidents = incidents;
        this.askedNanos = nowNanos;
    }

    /** Whether it is time to {@link #look} again. Says so once. */
    boolean isDue(long nowNanos) {
        if (nowNanos - askedNanos < HoldUp.ASK_NANOS) {
            return false;
        }
        askedNanos = nowNanos;
        return true;
    }

    /** Reports, if events have waited for so long and that was not said within a minute. */
    void look(long nowNanos, long limitNanos) {
        HoldUp.Sight sight = holdUp.look(underWay.get(), nowNanos, limitNanos);
        if (sight == null) {
            return;
        }
        List<InvocationStatus> runs = slow.get().stream()
                .filter(run -> run.state() == InvocationStatus.State.SLOW)
                .toList();
        Thread leads = loop.get();
        String text = sight.text() + ": " + holders(runs, leads);
        incidents.heldUp(text + holder(runs).and(sight.values()), runs, runs.isEmpty() ? leads : null);
    }

    /** The first of them, for the values of a log line: the event that is held up is its own, or waits for it. */
    private static KeyValues holder(List<InvocationStatus> runs) {
        return runs.stream()
                .findFirst()
                .map(run -> KeyValues.of("app", run.app()).and("handler", run.handler()))
                .orElse(KeyValues.of("app", null));
    }

    private static String holders(List<InvocationStatus> runs, Thread leads) {
        if (!runs.isEmpty()) {
            return runs.stream()
                    .map(run -> run.app() + "/" + run.handler() + " on " + run.tract() + "/" + run.event()
                            + " has run for " + Incidents.seconds(run.running().toNanos()))
                    .collect(Collectors.joining(", "));
        }
        return leads == null ? "no handler runs, and no worker is there to run one" : "no handler runs for long";
    }
}
