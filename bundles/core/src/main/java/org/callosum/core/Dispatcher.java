// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import org.callosum.api.Gap;
import org.callosum.api.Message;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Hands messages to the handlers that match them, under a time limit: the contract is {@code dispatch.md}. A service of
 * the core.
 *
 * <p><b>Threads.</b> Every method may be called by any thread. Dispatches of several threads run one after the other.
 */
@ProviderType
public interface Dispatcher {
    /**
     * Hands a message to all matching handlers, side by side, and returns when each has finished or run out of time.
     *
     * @param message the message; a missing tract or event counts as empty, so that only wildcards match it
     * @return the number of handlers invoked, failed and timed-out ones included; 0 if the dispatcher is stopped or nothing
     *     matches
     * @throws IllegalStateException if a handler calls it: its own event would have to end first. Emit instead
     */
    int dispatch(Message message);

    /**
     * Dispatches the events of a source, one after the other, until {@link #unfollow}; instead of those of another one. Does
     * not wait.
     */
    void follow(EventSource source);

    /**
     * Takes no event from a source any more, and returns when what was taken is dispatched; a handler that calls it does not
     * wait. Does nothing if it is another one.
     */
    void unfollow(EventSource source);

    /** The event that the calling thread handles; empty if it is not one that a handler was called on. */
    Optional<Message> handling();

    /** Whether an event of these names might be anybody's if it were dispatched now: a handler's, or parked for one that is away. */
    boolean concerns(String tract, String event);

    /** Says that the source, which had none, has an event. Does not wait. */
    void wake();

    /**
     * Is told by whoever carries events here that one had to be given up: each handler that it matches and that is a
     * {@link org.callosum.api.GapListener} is told so before its next event. Does not wait.
     *
     * @param message the event
     * @param reason why
     */
    void lost(Message message, Gap.Reason reason);

    /**
     * Is told by whoever carries events here that some may be missing, nobody knows which: each handler there is now, or is
     * parked, is told before its next event. Does not wait.
     */
    void lost(Gap gap);

    /** How many handlers there are now, each service counted once; malformed registrations are none. */
    int handlerCount();

    /** Starts to dispatch; does nothing if it runs. */
    void start();

    /** Takes no new event and waits for the running handlers, at most the time limit; does nothing if it is stopped. */
    void stop();

    /** Whether it is started. */
    boolean isRunning();

    /** All handlers there are now with their numbers, malformed registrations and parked ones included, by service id. */
    List<HandlerStatus> handlers();

    /** How long the invocations of all handlers took that there are now, parked ones included, by service id. */
    default List<LatencyStatus> latencies() {
        return List.of();
    }

    /**
     * What has run for more than a moment and still runs, with where it is: within its time limit, or past it and written off.
     * The oldest first. The threads' stacks are taken now.
     */
    List<InvocationStatus> slow();

    /**
     * For how long the event that is dispatched now has been so, as it was seen from outside; zero if there is none. It is over
     * when each of its handlers has finished or run out of time.
     */
    Duration underWay();

    /** The events that waited longest for slow invocations, the longest first; since the start, and at most 20. */
    List<DelayStatus> delays();

    /**
     * Ends the quarantine of a handler: what was parked for it is handed over.
     *
     * @param serviceId the handler's {@code service.id}
     * @throws IllegalStateException if it is in none, or if an invocation of it that overran is still alive; the message says
     *     which, and what to do
     */
    void release(long serviceId);

    /**
     * Has a handler called no more, from the next event on, until it is released: its events are parked, as in a quarantine that
     * it earned, but it is not tried meanwhile. What runs of it runs on. A new version of its app ends it, too, and so does the
     * end of the process.
     *
     * @param serviceId the handler's {@code service.id}
     * @throws IllegalStateException if it is not there, is never called anyway, or is in the middle of an update; the message
     *     says which, and what to do
     */
    void quarantine(long serviceId);

    /** What would become of an event if it were dispatched now. Nothing is called or parked for that. */
    Explanation explain(Message message);

    /**
     * The components of all bundles that are not there, those that would be handlers among them, in no order; one that has several
     * configurations once for each. Waits for the component runtime: ask while you hold no lock.
     */
    default List<AbsentComponent> absentComponents() {
        return List.of();
    }

    /**
     * Follows the next events of some names on their way through the handlers.
     *
     * @param names which
     * @param events how many, 1 or more
     * @param withMessages whether the events themselves are kept until they are taken, too
     * @return the trace, which costs every event something until it is over or closed
     * @throws IllegalStateException if there are 16 traces already
     */
    Trace trace(Subscription names, int events, boolean withMessages);

    /** Is told by whoever carries events from here that the calling thread has emitted one. Does not wait. */
    void emitted(Message message);

    /** What is parked for apps that are away. */
    List<ParkedStatus> parked();

    /**
     * What was parked for apps whose absence is over, because they are back and have it all, or because it was given up: the
     * last 100, the latest first. An app that was away while no event came for it is one, too.
     */
    List<ParkedStatus> parkedBefore();
}
