// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.nio.file.Path;

import org.callosum.api.KeyValues;
import org.callosum.socket.SocketFile;
import org.callosum.socket.SocketUse;

/** The bus's socket: what errors about it say. */
final class BusSocket {
    private static final SocketUse USE = new SocketUse(
            "the bus",
            "connect to it (mode 'client' or 'auto'), or configure another 'socket'",
            "configure another 'socket'",
            "configure a shorter 'socket', or move the journal");

    private BusSocket() {}

    /** What the end of a log line names it by. */
    static KeyValues keyValues(Path path) {
        return KeyValues.of("socket", path);
    }

    /**
     * The file of one; nothing is touched yet.
     *
     * @throws IllegalArgumentException if a socket cannot have this path
     */
    static SocketFile file(Path path) {
        return new SocketFile(path, USE);
    }

    /**
     * The path, absolute, if a socket can have it.
     *
     * @throws IllegalArgumentException if it is too long
     */
    static Path path(Path path) {
        return SocketFile.requireShort(path.toAbsolutePath().normalize(), USE);
    }
}
