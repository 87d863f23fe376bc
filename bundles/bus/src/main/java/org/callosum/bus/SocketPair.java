// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

import org.callosum.socket.PeerCredentials;

/**
 * Two Unix sockets that are connected to each other, as {@code socketpair(2)} makes them, which the JDK does not have. For a
 * moment there is a file.
 *
 * @param near the one end
 * @param far the other end
 */
record SocketPair(SocketChannel near, SocketChannel far) implements Closeable {
    /**
     * Makes one.
     *
     * @param folder where the file is for a moment. Its name is no longer than the bus's socket's: it has room where that has
     * @param credentials tells whether another user has come in between
     */
    static SocketPair in(Path folder, PeerCredentials credentials) throws IOException {
        Path file = folder.resolve(
                String.format(".%07x", ThreadLocalRandom.current().nextInt(1 << 28)));
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(file);
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(address, 1);
            try {
                SocketChannel near = SocketChannel.open(address);
                try {
                    SocketPair pair = new SocketPair(near, listener.accept());
                    if (pair.isForeign(credentials)) {
                        pair.far.close();
                        throw new IOException("Another user has connected to '" + file
                                + "' in the meantime: try again, and" + " see who may enter its folder");
                    }
                    return pair;
                } catch (IOException | RuntimeException e) {
                    near.close();
                    throw e;
                }
            } finally {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Whether the far end was got by another user, who is quicker than this one. */
    private boolean isForeign(PeerCredentials credentials) throws IOException {
        Optional<UserPrincipal> self = credentials.of(near).map(PeerCredentials.Principals::user);
        Optional<UserPrincipal> peer = credentials.of(far).map(PeerCredentials.Principals::user);
        return !self.equals(peer);
    }

    @Override
    public void close() throws IOException {
        try (far) {
            near.close();
        }
    }
}
