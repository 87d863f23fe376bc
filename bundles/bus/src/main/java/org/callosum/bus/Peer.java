// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import org.callosum.api.KeyValues;
import org.callosum.transport.ConnectionStatus;

/**
 * Who is at the other end of a connection, by name.
 *
 * @param user the user
 * @param group that user's group when it connected
 */
record Peer(String user, String group) {
    /** Somebody whom the platform does not tell. */
    static final Peer UNKNOWN = new Peer(ConnectionStatus.UNKNOWN, ConnectionStatus.UNKNOWN);

    /** What the end of a log line names it by. */
    KeyValues keyValues() {
        return KeyValues.of("user", user);
    }
}
