// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import org.callosum.api.Message;

/**
 * What became of one event. Immutable.
 *
 * @param tract its tract
 * @param event its event
 * @param received when it was received; when its turn came, if nobody knows
 * @param queued how long it waited for its turn; empty if nobody knows
 * @param wasParked whether it was parked, for the handlers that it is handed over to now
 * @param took how long it took from its turn until every handler had ended or overrun; until now while it is under way
 * @param calls the handlers that were called, in the order in which they began; at most 200
 * @param parked the handlers that it was parked for when its turn came, as {@code app/handler}
 * @param message the event itself, if that was asked for
 */
public record TracedEvent(
        String tract,
        String event,
        Instant received,
        Optional<Duration> queued,
        boolean wasParked,
        Duration took,
        List<Call> calls,
        List<String> parked,
        Optional<Message> message) {

    /** What came of a handler's run. */
    public enum Result {
        /** It ended. */
        ENDED,
        /** It threw. */
        FAILED,
        /** It overran its time limit and is not waited for any more. */
        TIMED_OUT,
        /** Its service could not be had. */
        UNAVAILABLE,
        /** It left before its turn: if it comes back the event is handed over then. */
        LEFT,
        /** It runs. */
        RUNNING
    }

    /**
     * One handler's run.
     *
     * @param serviceId its {@code service.id}
     * @param app its app
     * @param handler its name
     * @param after how long after the event's turn had come it began
     * @param took how long it ran; until now while it runs
     * @param result what came of it
     * @param failure what was thrown, or why the service could not be had; else empty
     * @param thread the name of its thread
     * @param emitted what it emitted, as {@code tract/event}: at most 50
     * @param emittedMore how many it emitted beside those
     */
    public record Call(
            long serviceId,
            String app,
            String handler,
            Duration after,
            Duration took,
            Result result,
            String failure,
            String thread,
            List<String> emitted,
            long emittedMore) {
        /** Copies what was emitted. */
        public Call {
            emitted = List.copyOf(emitted);
        }
    }

    /** Copies the lists. */
    public TracedEvent {
        calls = List.copyOf(calls);
        parked = List.copyOf(parked);
    }
}
