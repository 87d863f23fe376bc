// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.socket;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Map;

/**
 * The file of the socket that a server listens on, and the rules for it: whose it is, what may be in its place, and
 * when it goes.
 *
 * <p>While it is looked at, bound or removed, the {@link StartLock} beside it is held, so that of two who start at
 * once one waits for the other and then finds it alive.
 *
 * <p>Not thread-safe.
 */
public final class SocketFile {
    /** The longest path, in bytes: what the platforms agree on. */
    public static final int MAX_PATH_BYTES = 104;

    /** How many may wait to be accepted; the system cuts it to what it allows. */
    private static final int ACCEPT_QUEUE = 1024;

    private static final int TYPE_MASK = 0xF000;
    private static final int TYPE_SOCKET = 0xC000;

    private final Path path;
    private final SocketUse use;

    /** What was bound last; {@code null} before that, and after it was removed. */
    private Identity bound;

    /**
     * Names the file; nothing is touched yet.
     *
     * @throws IllegalArgumentException if a socket cannot have this path
     */
    public SocketFile(Path path, SocketUse use) {
        this.path = requireShort(path.toAbsolutePath().normalize(), use);
        this.use = use;
    }

    /**
     * The path, if a socket can have it.
     *
     * @throws IllegalArgumentException if it is too long, or of another file system than the system's own, as one in an archive
     */
    public static Path requireShort(Path path, SocketUse use) {
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new IllegalArgumentException(
                    "Socket path '" + path + "' is none of the system's own files, where a socket has to be: it is in "
                            + path.getFileSystem());
        }
        int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_PATH_BYTES) {
            throw new IllegalArgumentException("Socket path '" + path + "' is " + bytes
                    + " bytes long, and a socket's path may have " + MAX_PATH_BYTES + ": " + use.ifTooLong());
        }
        return path;
    }

    /** Its path, absolute. */
    public Path path() {
        return path;
    }

    /** The user whose file it is: the one who bound it. */
    public UserPrincipal owner() throws IOException {
        return Files.getOwner(path, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Listens on it. A missing folder is created for the own user alone, and so is the file; a file that a server which
     * is gone has left behind is replaced.
     *
     * @throws LiveSocketException if somebody listens already
     * @throws IOException if it cannot be, with the reason and the remedy
     */
    public ServerSocketChannel bind() throws IOException {
        Files.createDirectories(
                path.getParent(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        StartLock lock = StartLock.beside(path);
        try {
            removeStale();
            ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.bind(UnixDomainSocketAddress.of(path), ACCEPT_QUEUE);
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
                bound = Identity.of(path);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
            return channel;
        } finally {
            lock.close();
        }
    }

    /** Removes the file if it is still the one that was bound; to be called before the channel is closed. */
    public void remove() throws IOException {
        if (bound == null || !Files.isDirectory(path.getParent())) {
            return;
        }
        StartLock lock = StartLock.beside(path);
        try {
            if (bound.equals(occupant())) {
                Files.delete(path);
            }
            bound = null;
        } finally {
            lock.close();
        }
    }

    /** What is in its place now; {@code null} if nothing is. */
    public Identity occupant() throws IOException {
        return Identity.of(path);
    }

    /** Whether this is the file that was bound last. */
    public boolean isBound(Identity occupant) {
        return bound != null && bound.equals(occupant);
    }

    /** Takes a file for the one that was bound: somebody has changed its times, and it still leads to the own channel. */
    public void adopt(Identity occupant) {
        bound = occupant;
    }

    /**
     * Whether a connection to whatever is in its place comes about, or would if there were room for it.
     *
     * @throws IOException if that cannot be told
     */
    public boolean isListenedTo() throws IOException {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return isListenedTo(probe);
        }
    }

    private void removeStale() throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        int mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if ((mode & TYPE_MASK) != TYPE_SOCKET) {
            throw new IOException("'" + path + "' is in the place of " + use.owner()
                    + "'s socket and is not a socket: it is left alone;" + " move it away, or " + use.ifTaken());
        }
        if (isListenedTo()) {
            throw new LiveSocketException(path, use.ifServed());
        }
        Files.deleteIfExists(path);
    }

    private boolean isListenedTo(SocketChannel probe) throws IOException {
        probe.configureBlocking(false); // somebody who listens may have no room for us, for as long as he likes
        try {
            probe.connect(UnixDomainSocketAddress.of(path));
            return true;
        } catch (ConnectException nobodyListens) {
            return false;
        } catch (BindException denied) { // so the JDK calls it
            throw new IOException(
                    "Whether somebody listens on socket '" + path + "' cannot be told (" + denied.getMessage()
                            + "): it is left alone; remove it if nobody does, or " + use.ifTaken(),
                    denied);
        } catch (SocketException hasNoRoom) {
            return Files.exists(path, LinkOption.NOFOLLOW_LINKS); // or its server has just removed it
        }
    }

    /**
     * What tells a file from another one that came in its place: its number, which is given again, and when it was made, of
     * which file systems know a few milliseconds' worth; a server of another make also leaves it other modes.
     */
    public record Identity(Map<String, Object> attributes) {
        static Identity of(Path path) throws IOException {
            try {
                // A socket is never written to as a file, so when it was modified last is when it was made.
                return new Identity(
                        Files.readAttributes(path, "unix:dev,ino,mode,lastModifiedTime", LinkOption.NOFOLLOW_LINKS));
            } catch (NoSuchFileException gone) {
                return null;
            }
        }
    }
}
