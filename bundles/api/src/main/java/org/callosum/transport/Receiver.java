// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.transport;

import java.time.Instant;

import org.callosum.api.Message;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Takes what a {@link Transport} brings. The runtime's core implements it.
 *
 * <p><b>Threads.</b> {@link #receive}, {@link #receiveAhead}, {@link #receiveUnheard}, {@link #received}, {@link #gaveUp},
 * {@link #thrownOff} and {@link #missed} are called by one thread at a time, in the bus's order: the transport's own one, or who
 * does its {@link Transport#work}. The others are called by any. No method waits.
 *
 * <p>A receiver that is full says so with {@link #hasRoom()}. A transport that serves the bus then stops to read from
 * the senders until {@link Transport#resume()}, so that they wait and nothing is lost. What this runtime itself emits must
 * not wait there, for it may be emitted by the handler that the queue is waiting for: it gets its place in advance, by
 * {@link #reserve}. A transport that is a guest on somebody else's bus cannot make anybody wait: it gives up what finds
 * no room and says so with {@link #gaveUp}.
 */
@ProviderType
public interface Receiver {
    /** Whether another message from the bus may be handed over now. The answer may be stale, never by more than what this runtime reserves. */
    boolean hasRoom();

    /**
     * Reserves the place of a message that this runtime emits, if there is room in the allowance for those. A message whose
     * place was reserved is then handed over with {@link #receive}, as its own, exactly once, or the place is given back by
     * {@link #release}.
     *
     * @param bytes the length of the message's JSON text in UTF-8
     * @return whether the place was reserved
     */
    boolean reserve(long bytes);

    /** Gives a reserved place back. */
    void release(long bytes);

    /**
     * Takes one message.
     *
     * @param message the message, with a tract and an event
     * @param reserved whether its place was {@link #reserve reserved}; if not, {@link #hasRoom()} was true before
     */
    void receive(Message message, boolean reserved);

    /**
     * Takes one message, of which more come at once, so that nobody need be woken for each: {@link #received()} follows. Its place
     * was not reserved, and {@link #hasRoom()} was true before.
     *
     * @param message the message, with a tract and an event
     */
    default void receiveAhead(Message message) {
        receive(message, false);
    }

    /**
     * Takes one message from the bus by its names alone, if nobody gets it now and nothing is before it: then that is all.
     *
     * @return whether it was taken; if not, it is to be handed over whole
     */
    default boolean receiveUnheard(String tract, String event) {
        return false;
    }

    /** Is told that what came by {@link #receiveAhead} is all for now. */
    default void received() {}

    /** Is told that a message was given up, for want of room. */
    void gaveUp(Message message);

    /**
     * Is told that the transport closed a connection although its other end did not. Whatever it throws is dropped.
     *
     * @param client the connection as it was then, with the reason
     */
    default void thrownOff(ConnectionStatus client) {}

    /**
     * Is told that the transport was not on the bus for a while: what others sent meanwhile never comes, and nobody knows what
     * that is.
     *
     * @param from when it was lost
     * @param to when it was back, not before {@code from}
     */
    void missed(Instant from, Instant to);
}
