// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.socket;

import java.io.IOException;
import java.nio.file.Path;

import org.callosum.api.Printable;

/** Says that a socket cannot be served because somebody else does already. */
public final class LiveSocketException extends IOException {
    private static final long serialVersionUID = 1L;

    LiveSocketException(Path socket, String remedy) {
        super("Socket " + Printable.quoted(socket.toString())
                + " is served by somebody else already, and a live socket is never taken away: " + remedy);
    }
}
