// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.client;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Is told when a client's connection to the bus begins and ends.
 *
 * <p>Called where {@link MessageListener}s are, and in order with them: what came over a connection is handed over between
 * its {@link #connected()} and its {@link #lost}. So a slow listener has these wait, too; a connection that began and
 * ended meanwhile may be left out. {@link CallosumClient#isConnected()} answers for now.
 *
 * <p>Whatever is thrown is logged and counted.
 */
@ConsumerType
public interface ConnectionListener {
    /** The bus is there. */
    default void connected() {}

    /**
     * The bus is gone; the client tries to connect until it is back. Not called when the client is closed.
     *
     * @param reason why, in words; never {@code null}
     */
    default void lost(String reason) {}
}
