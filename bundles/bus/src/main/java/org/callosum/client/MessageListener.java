// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.client;

import org.callosum.api.Message;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Takes the messages that a program {@linkplain CallosumClient#listen listens} to.
 *
 * <p><b>Threads.</b> All listeners of one client are called by one thread of its own, one after the other, each message in the
 * bus's order; no lock is held. The socket is read meanwhile, however long it takes. A listener may emit, and may close the
 * client.
 */
@ConsumerType
@FunctionalInterface
public interface MessageListener {
    /**
     * Takes a message.
     *
     * <p>Whatever it throws, an {@link Error} too, is logged and counted; the next message is handed to it all the same.
     *
     * @param message the message, never {@code null}
     * @throws Exception for any failure
     */
    void receive(Message message) throws Exception;
}
