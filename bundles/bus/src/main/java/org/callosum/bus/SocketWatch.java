// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.net.BindException;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.callosum.socket.LiveSocketException;
import org.callosum.socket.SocketFile;
import org.osgi.service.log.Logger;

/**
 * Looks again and again whether the socket file of a server is still its own. One that was deleted, or replaced by one
 * that nobody listens on, is bound again; one that another server listens on is never taken away: the host is told.
 *
 * <p>What is in the file's place has to be the same at two looks before it is judged. So a server that has bound and is
 * about to listen is not taken for a dead one; and a file that only looks different, because somebody changed its times,
 * is known by the arrival that the first look's own knock was.
 *
 * <p><b>Threads.</b> {@link #run()} looks, on a thread of its own: a look may wait for the lock of the {@link SocketFile}, and the bus
 * must not. Any thread may {@link #close()}; when that returns, no look is under way and none follows.
 */
final class SocketWatch implements Runnable {
    /** Twice this is what it takes to notice another server: less than two seconds. */
    static final Duration PERIOD = Duration.ofMillis(800);

    /** While another server has the place, only every so many looks knock: each is a connection that it has to serve. */
    private static final int LOOKS_PER_KNOCK = 6;

    /** The server whose file it is. */
    interface Host {
        /** How many have arrived at it since its start; -1 while some may wait that it has not accepted. */
        long arrivals();

        /** Is told that the file was found in its place. */
        void inPlace();

        /** Is told, at each look, that the place cannot be had, and no server is there. */
        void lost();

        /** Is told that its file is bound again: clients arrive there from now on. */
        void boundAgain(ServerSocketChannel channel);

        /** Is told, once, that another server has the place; called outside of any look, so that it may {@link #close()}. */
        void displaced();
    }

    private final SocketFile file;
    private final Host host;
    private final Logger logger;
    private final CountDownLatch closed = new CountDownLatch(1);

    // Guarded by this.

    /** What was in the place at the last look, if it is not the own file; {@code null} if it was. */
    private SocketFile.Identity suspect;

    /** How many had arrived before the first knock at it; -1 if it has not been knocked at. */
    private long arrivalsBefore;

    private boolean isDisplaced;
    private int looksSinceKnock;

    /** Whether it was said that the place cannot be had. */
    private boolean hasSaidTrouble;

    SocketWatch(SocketFile file, Host host, Logger logger) {
        this.file = file;
        this.host = host;
        this.logger = logger;
    }

    @Override
    public void run() {
        try {
            while (!closed.await(PERIOD.toNanos(), TimeUnit.NANOSECONDS)) {
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the end
        }
    }

    /** Looks once. */
    void look() {
        if (isNewlyDisplaced()) {
            host.displaced();
        }
    }

    /** Ends it. */
    void close() {
        closed.countDown();
        synchronized (this) { // waits for a look
            suspect = null;
        }
    }

    private synchronized boolean isNewlyDisplaced() {
        if (closed.getCount() == 0) {
            return false;
        }
        boolean wasDisplaced = isDisplaced;
        try {
            SocketFile.Identity occupant = file.occupant();
            if (file.isBound(occupant)) {
                settle();
                host.inPlace();
            } else if (occupant == null) {
                bindAgain("was deleted");
            } else {
                examine(occupant);
            }
        } catch (IOException | RuntimeException e) {
            complain(e);
        }
        return isDisplaced && !wasDisplaced;
    }

    private void examine(SocketFile.Identity occupant) throws IOException {
        if (!occupant.equals(suspect)) {
            suspect = occupant;
            arrivalsBefore = -1;
            looksSinceKnock = 0;
        } else if (isDisplaced && ++looksSinceKnock % LOOKS_PER_KNOCK != 0) {
            return;
        }
        boolean isFirstKnock = arrivalsBefore < 0;
        long arrivals = host.arrivals();
        boolean isListenedTo = file.isListenedTo();
        if (isFirstKnock) {
            arrivalsBefore = arrivals;
        } else if (!isListenedTo) {
            bindAgain("was replaced by one that nobody listens on");
        } else if (arrivals > arrivalsBefore) {
            file.adopt(occupant); // the way still leads here
            settle();
        } else if (arrivals >= 0) {
            isDisplaced = true;
        }
    }

    private void bindAgain(String reason) throws IOException {
        try {
            host.boundAgain(file.bind());
            host.inPlace();
        } catch (LiveSocketException takenMeanwhile) {
            return; // the next looks will see by whom
        } catch (BindException e) {
            if (file.occupant() != null) {
                return; // the same, a moment later
            }
            throw e;
        }
        if (isDisplaced) {
            logger.info(
                    "The other server on socket '{}' is gone: the bus is served there again{}",
                    file.path(),
                    BusSocket.keyValues(file.path()));
        } else {
            logger.warn(
                    "Socket file '{}' {}: it is bound again, and those connected stay so{}",
                    file.path(),
                    reason,
                    BusSocket.keyValues(file.path()).and("reason", reason));
        }
        settle();
    }

    private void settle() {
        suspect = null;
        isDisplaced = false;
        hasSaidTrouble = false;
    }

    private void complain(Exception e) {
        host.lost();
        if (!hasSaidTrouble) {
            hasSaidTrouble = true;
            logger.error(
                    "Socket file '{}' is not the bus's any more, and cannot be bound again: {}; those connected go on, new"
                            + " clients do not find the bus; it is tried again all the time{}",
                    file.path(),
                    e.getMessage(),
                    BusSocket.keyValues(file.path()).and("reason", e.getMessage()),
                    e);
        }
    }
}
