// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;
import java.util.Set;

import org.callosum.socket.PeerCredentials;
import org.osgi.service.log.Logger;

/**
 * Lets the own user, root and the configured users in, and nobody else. Where the platform does not tell who connects, the
 * modes of socket file and folder have to do; that is said once.
 */
final class Doorkeeper {
    /** By name, and by number where the system has no names. */
    private static final Set<String> ROOT = Set.of("root", "0");

    private final PeerCredentials credentials;
    private final UserPrincipal self;
    private final Logger logger;
    private final LogPause refusals;
    private boolean saidThatNobodyIsKnown;

    /**
     * Makes one.
     *
     * @param credentials tells who is there
     * @param self the user whose bus it is
     */
    Doorkeeper(PeerCredentials credentials, UserPrincipal self, Logger logger) {
        this.credentials = credentials;
        this.self = self;
        this.logger = logger;
        this.refusals = new LogPause();
    }

    /**
     * Decides about somebody who has just connected.
     *
     * @param allowed users let in beside the own one and root
     * @return who it is, or {@link Peer#UNKNOWN}; empty if refused
     * @throws IOException if the socket is broken
     */
    Optional<Peer> admit(SocketChannel channel, Set<String> allowed, long nowNanos) throws IOException {
        Optional<PeerCredentials.Principals> principals = credentials.of(channel);
        if (principals.isEmpty()) {
            if (!saidThatNobodyIsKnown) {
                saidThatNobodyIsKnown = true;
                logger.warn(
                        "Who connects cannot be told here (no SO_PEERCRED): whoever may open the socket file is let in");
            }
            return Optional.of(Peer.UNKNOWN);
        }
        UserPrincipal user = principals.get().user();
        Peer peer = new Peer(user.getName(), principals.get().group().getName());
        String name = peer.user();
        if (user.equals(self) || ROOT.contains(name) || allowed.contains(name)) {
            return Optional.of(peer);
        }
        if (refusals.isOver(nowNanos)) {
            logger.warn(
                    "User {} is refused: the bus is open to {} and root; add the user to 'allowedUsers' to change that{}{}",
                    Excerpt.of(name),
                    Excerpt.of(self.getName()),
                    refusals.suppressed(),
                    peer.keyValues().and(refusals.keyValues()));
        }
        return Optional.empty();
    }
}
