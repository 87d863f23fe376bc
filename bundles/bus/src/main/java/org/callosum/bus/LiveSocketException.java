// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.file.Path;

/** Says that a bus cannot be served on a socket because somebody else does already. */
final class LiveSocketException extends IOException {
    private static final long serialVersionUID = 1L;

    LiveSocketException(Path socket) {
        super("Socket " + Excerpt.of(socket.toString())
                + " is served by somebody else already, and a live socket is never taken away:"
                + " connect to it (mode 'client' or 'auto'), or configure another 'socket'");
    }
}
