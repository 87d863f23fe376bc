// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.socket;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;

import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/** Who is at the other end of a socket. */
@FunctionalInterface
public interface PeerCredentials {
    /**
     * A user and its group, as the platform has them.
     *
     * @param user the user
     * @param group its group
     */
    record Principals(UserPrincipal user, GroupPrincipal group) {}

    /**
     * The user at the other end, and its group, when it connected.
     *
     * @return who it was; empty where the platform cannot tell
     * @throws IOException if the socket is broken
     */
    Optional<Principals> of(SocketChannel channel) throws IOException;

    /**
     * What the platform says: {@code SO_PEERCRED}. The package {@code jdk.net} may be missing, from the JDK or from what
     * the framework lets through; then nobody is known.
     */
    static PeerCredentials ofPlatform() {
        return channel -> {
            try {
                UnixDomainPrincipal peer = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
                return Optional.of(new Principals(peer.user(), peer.group()));
            } catch (LinkageError | UnsupportedOperationException notHere) {
                return Optional.empty();
            }
        };
    }
}
