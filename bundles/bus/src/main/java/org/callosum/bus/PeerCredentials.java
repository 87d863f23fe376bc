// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;

import jdk.net.ExtendedSocketOptions;

/** Who is at the other end of a socket. */
@FunctionalInterface
interface PeerCredentials {
    /**
     * The user at the other end when it connected.
     *
     * @return the user; empty where the platform cannot tell
     * @throws IOException if the socket is broken
     */
    Optional<UserPrincipal> userOf(SocketChannel channel) throws IOException;

    /**
     * What the platform says: {@code SO_PEERCRED}. The package {@code jdk.net} may be missing, from the JDK or from what
     * the framework lets through; then nobody is known.
     */
    static PeerCredentials ofPlatform() {
        return channel -> {
            try {
                return Optional.of(
                        channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user());
            } catch (LinkageError | UnsupportedOperationException notHere) {
                return Optional.empty();
            }
        };
    }
}
