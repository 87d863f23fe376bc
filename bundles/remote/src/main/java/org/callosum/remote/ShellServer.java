// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.remote;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.callosum.api.KeyValues;
import org.callosum.api.Printable;
import org.callosum.remote.wire.End;
import org.callosum.remote.wire.FrameChannel;
import org.callosum.socket.LiveSocketException;
import org.callosum.socket.PeerCredentials;
import org.callosum.socket.SocketFile;
import org.callosum.socket.SocketUse;
import org.osgi.service.log.Logger;

/**
 * Lets clients in on a Unix socket, the own user and root and nobody else, and gives each a {@link ShellSession}.
 *
 * <p>While another runtime serves the socket, or it cannot be bound for another reason, which is said once, it is tried again
 * every {@value #PERIOD_MILLIS} ms; so it is when the file was deleted.
 *
 * <p><b>Threads.</b> One of its own lets in. Any thread starts and closes it, one at a time.
 */
public final class ShellServer {
    private static final long PERIOD_MILLIS = 2_000;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** By name, and by number where the system has no names. */
    private static final Set<String> ROOT = Set.of("root", "0");

    private static final SocketUse USE = new SocketUse(
            "the shell", "'callosum shell' reaches that one", "there is no 'callosum shell'", "move the journal");

    private final SocketFile file;
    private final PeerCredentials credentials;
    private final Interpreter interpreter;
    private final Logger logger;
    private final Set<ShellSession> sessions = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private final Selector selector;
    private volatile int maxSessions;
    private int lastNumber;
    private boolean hasSaidTrouble;
    private boolean hasSaidUnknown;

    /**
     * A server that has not begun.
     *
     * @param maxSessions how many clients are served at once
     * @throws IllegalArgumentException if a socket cannot have this path
     */
    public ShellServer(
            Path socket, int maxSessions, PeerCredentials credentials, Interpreter interpreter, Logger logger)
            throws IOException {
        this.file = new SocketFile(socket, USE);
        this.maxSessions = maxSessions;
        this.credentials = credentials;
        this.interpreter = interpreter;
        this.logger = logger;
        this.selector = Selector.open();
        this.thread = new Thread(this::run, "callosum shell");
        thread.setDaemon(true);
    }

    /** Begins to let in: soon, and without making its caller wait. */
    public void start() {
        thread.start();
    }

    /** Serves so many at once from now on; those who are there stay. */
    public void setMaxSessions(int count) {
        maxSessions = count;
    }

    /** How many are served. */
    public int sessions() {
        return sessions.size();
    }

    /** Removes the socket, ends all sessions, and waits for them: not longer than so for those whose command does not end. */
    public void close(Duration patience) {
        closed.countDown();
        selector.wakeup();
        long end = System.nanoTime() + patience.toNanos();
        try {
            thread.join(patience.toMillis());
            sessions.forEach(ShellSession::close);
            for (ShellSession each : sessions) {
                each.join(TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()));
            }
            selector.close();
        } catch (InterruptedException e) {
            sessions.forEach(ShellSession::close);
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            logger.debug("A selector could not be closed: {}", e.getMessage());
        }
        if (sessions.isEmpty()) {
            interpreter.close();
        } else {
            logger.warn(
                    "{} shells run commands that do not end: they are left to themselves{}",
                    sessions.size(),
                    KeyValues.of("sessions", sessions.size()));
        }
    }

    private void run() {
        try {
            do {
                serve();
            } while (!closed.await(PERIOD_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve() {
        try (ServerSocketChannel listener = file.bind()) {
            try {
                letIn(listener, file.owner());
            } finally {
                file.remove(); // before its channel is closed: nobody takes it for one that was left behind
            }
        } catch (LiveSocketException e) {
            complain(e);
        } catch (IOException | RuntimeException e) {
            complain(e);
        }
    }

    private void letIn(ServerSocketChannel listener, UserPrincipal self) throws IOException {
        if (hasSaidTrouble) {
            hasSaidTrouble = false;
            logger.info("The shell is served on '{}' again{}", file.path(), keyValues());
        }
        listener.configureBlocking(false);
        SelectionKey key = listener.register(selector, SelectionKey.OP_ACCEPT);
        try {
            while (closed.getCount() > 0 && file.isBound(file.occupant())) {
                selector.select(PERIOD_MILLIS);
                selector.selectedKeys().clear();
                for (SocketChannel client = listener.accept(); client != null; client = listener.accept()) {
                    admit(client, self);
                }
                for (ShellSession each : sessions) {
                    if (each.isSilentFor(PATIENCE_NANOS)) {
                        each.close();
                    }
                }
            }
        } finally {
            key.cancel();
            selector.selectNow(); // else the key would hold the channel
        }
    }

    private void admit(SocketChannel client, UserPrincipal self) {
        FrameChannel frames = new FrameChannel(client);
        try {
            if (!isAllowed(client, self)) {
                frames.close();
            } else if (sessions.size() >= maxSessions) {
                refuse(client, frames);
            } else {
                begin(frames);
            }
        } catch (IOException e) {
            logger.debug("A client left before it was let in: {}", e.getMessage());
        }
    }

    private boolean isAllowed(SocketChannel client, UserPrincipal self) throws IOException {
        Optional<PeerCredentials.Principals> peer = credentials.of(client);
        if (peer.isEmpty()) {
            if (!hasSaidUnknown) {
                hasSaidUnknown = true;
                logger.warn("Who connects to the shell cannot be told here (no SO_PEERCRED):"
                        + " whoever may open the socket file is let in");
            }
            return true;
        }
        UserPrincipal user = peer.get().user();
        boolean isAllowed = user.equals(self) || ROOT.contains(user.getName());
        if (!isAllowed) {
            logger.warn(
                    "User {} is refused: the shell is open to {} and root{}",
                    Printable.quoted(user.getName()),
                    Printable.quoted(self.getName()),
                    KeyValues.of("user", user.getName()).and(keyValues()));
        }
        return isAllowed;
    }

    private void refuse(SocketChannel client, FrameChannel frames) throws IOException {
        try (frames) {
            client.configureBlocking(false); // nobody waits for one who is refused: a few bytes always find room
            frames.write(new End(
                            End.FAILED,
                            "The runtime serves " + maxSessions
                                    + " shells at once, and all are in use: end one, or raise"
                                    + " 'maxSessions' of org.callosum.remote")
                    .toFrame());
        }
    }

    private void begin(FrameChannel frames) {
        ShellSession[] session = new ShellSession[1];
        session[0] = new ShellSession(++lastNumber, frames, interpreter, () -> sessions.remove(session[0]), logger);
        sessions.add(session[0]);
        session[0].start();
    }

    /** Where it is, for the values of a log line. */
    private KeyValues keyValues() {
        return KeyValues.of("socket", file.path());
    }

    private void complain(Exception e) {
        if (!hasSaidTrouble && closed.getCount() > 0) {
            hasSaidTrouble = true;
            logger.warn(
                    "The shell cannot be served: {}; it is tried again all the time{}",
                    e.getMessage(),
                    keyValues().and("reason", e.getMessage()));
        }
    }
}
