// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.systemd;

import java.time.Duration;
import java.util.function.Supplier;

/**
 * Whether events still move from the bus to their handlers: the bus answers, and since the last look an event was
 * dispatched, or none waits. A handler that takes its time holds the next event up for its time limit, and no longer.
 *
 * <p><b>Threads.</b> One.
 */
final class Movement {
    /** How it stands at one moment, in numbers of the core's. */
    record State(boolean dispatching, long queued, Duration oldestQueued, long dispatched) {}

    private final Supplier<State> states;
    private long dispatched = -1;
    private String obstacle = "";

    /** With what asks the bus and the core; it throws an {@link IllegalStateException} if the bus does not answer. */
    Movement(Supplier<State> states) {
        this.states = states;
    }

    /** Looks whether they do. The first look finds that they do, if anything answers. */
    boolean isThere() {
        State state;
        try {
            state = states.get();
        } catch (IllegalStateException e) {
            obstacle = "the bus does not answer: " + e.getMessage();
            return false;
        }
        long before = dispatched;
        dispatched = state.dispatched();
        if (!state.dispatching()) {
            obstacle = "the dispatcher does not run";
            return false;
        }
        if (state.queued() == 0 || dispatched != before) {
            return true;
        }
        obstacle = "of " + state.queued() + " events that wait none was dispatched since the last look, the oldest has"
                + " waited for " + state.oldestQueued().toSeconds() + " s";
        return false;
    }

    /** Why it found that they do not, the last time that they did not. */
    String obstacle() {
        return obstacle;
    }
}
