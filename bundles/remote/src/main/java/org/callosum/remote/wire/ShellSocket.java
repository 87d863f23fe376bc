// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.remote.wire;

import java.nio.file.Path;

/** Where the server binds the socket, and its clients look for it. */
public final class ShellSocket {
    private static final Path IN_JOURNAL = Path.of("health", "shell.sock");

    private ShellSocket() {}

    /** The socket of the runtime whose journal this is. */
    public static Path in(Path journal) {
        return journal.resolve(IN_JOURNAL);
    }
}
