// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.util.List;

import org.callosum.transport.ConnectionStatus;
import org.osgi.annotation.versioning.ProviderType;

/** The way from the bus to the dispatcher: a service of the core, for those who watch it. May be called by any thread. */
@ProviderType
public interface Bridge {
    /** How it stands now. */
    BridgeStatus status();

    /**
     * How much came of each tract, the most frequent first: of at most 1,000, whose names have at most 250 characters. What
     * else came is in {@link BridgeStatus#received()} alone.
     */
    default List<TractStatus> tracts() {
        return List.of();
    }

    /**
     * The bus's connections that are open, as {@link org.callosum.transport.Transport#connections()} gives them; none while
     * there is no bus.
     *
     * @throws IllegalStateException if the bus does not answer
     */
    List<ConnectionStatus> connections();

    /** The last connections of the bus that are no more, the one closed first before the others; none while there is no bus. */
    List<ConnectionStatus> closedConnections();

    /**
     * Closes a connection of the bus: what waits for it, and what it has sent and nobody has taken, is dropped.
     *
     * @param id the connection's number
     * @return whether it was open
     * @throws IllegalStateException if the bus does not answer
     */
    boolean disconnect(long id);
}
