// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import org.callosum.transport.ConnectionStatus;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Is told what happens in the runtime that is not as it should be, and what ends that. A service of whoever wants to know; the
 * core calls every one there is.
 *
 * <p><b>Threads.</b> What a handler threw is told by the worker on which it did, what the bus does by a thread of the bus, all else
 * about handlers, that one could not be had among it, by a thread for that alone, in its order; several at once, and as often as it
 * happens: a handler that fails with each event is told of with each. No lock is held. It must not wait: it would take the time of
 * the handler that threw, or keep the bus. The time limit on handlers holds whatever it does, and what it does not take of the rest
 * is left out and counted in the log. Whatever it throws is dropped.
 */
@ConsumerType
public interface RuntimeListener {
    /** Something happened to a handler. */
    default void happened(HandlerEvent event) {}

    /** This runtime, which serves the bus, closed a connection although its other end did not: the status says why. */
    default void thrownOff(ConnectionStatus client) {}
}
