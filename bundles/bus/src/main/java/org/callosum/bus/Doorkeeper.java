// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;
import java.util.Set;

import org.osgi.service.log.Logger;

/**
 * Lets the own user, root and the configured users in, and nobody else. Where the platform does not tell who connects, the
 * modes of socket file and folder have to do; that is said once.
 */
final class Doorkeeper {
    /** What is known of somebody whom the platform does not tell. */
    static final String UNKNOWN = "unknown";

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
     * @return the user's name, or {@link #UNKNOWN}; empty if refused
     * @throws IOException if the socket is broken
     */
    Optional<String> admit(SocketChannel channel, Set<String> allowed, long nowNanos) throws IOException {
        Optional<UserPrincipal> user = credentials.userOf(channel);
        if (user.isEmpty()) {
            if (!saidThatNobodyIsKnown) {
                saidThatNobodyIsKnown = true;
                logger.warn(
                        "Who connects cannot be told here (no SO_PEERCRED): whoever may open the socket file is let in");
            }
            return Optional.of(UNKNOWN);
        }
        String name = user.get().getName();
        if (user.get().equals(self) || ROOT.contains(name) || allowed.contains(name)) {
            return Optional.of(name);
        }
        if (refusals.isOver(nowNanos)) {
            logger.warn(
                    "User {} is refused: the bus is open to {} and root; add the user to 'allowedUsers' to change that{}",
                    Excerpt.of(name),
                    Excerpt.of(self.getName()),
                    refusals.suppressed());
        }
        return Optional.empty();
    }
}
