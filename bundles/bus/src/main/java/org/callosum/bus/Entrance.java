// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.callosum.api.KeyValues;
import org.osgi.service.log.Logger;

/**
 * Where clients come in: accepts them and has the {@link Doorkeeper} look at them. When the system gives no more sockets
 * it closes for a second, so that the loop does not spin on somebody who waits and cannot be let in.
 */
final class Entrance {
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How many are let in before those who are in have their turn: a few milliseconds' worth. */
    static final int TURN_CLIENTS = 32;

    /** Gives who waits to be let in; {@code null} if nobody does. */
    @FunctionalInterface
    interface Acceptor {
        SocketChannel accept() throws IOException;
    }

    /** Takes somebody who was let in. */
    @FunctionalInterface
    interface Host {
        void enter(SocketChannel channel, Peer peer) throws IOException;
    }

    private final Doorkeeper doorkeeper;
    private final Supplier<ServerSettings> settings;
    private final ServerCounters counters;
    private final Logger logger;
    private Acceptor acceptor;

    /** Written by the loop, read by any thread. */
    private volatile boolean isClosed;

    private long closedNanos;

    /** Makes one that is nowhere yet: {@link #moveTo} says where. */
    Entrance(Doorkeeper doorkeeper, Supplier<ServerSettings> settings, ServerCounters counters, Logger logger) {
        this.doorkeeper = doorkeeper;
        this.settings = settings;
        this.counters = counters;
        this.logger = logger;
    }

    /** Lets people in at another place from now on. */
    void moveTo(Acceptor other) {
        acceptor = other;
    }

    /**
     * Lets in those who wait and may come in, up to what is fair in one turn.
     *
     * @return whether some may be left
     */
    boolean letIn(Host host, long nowNanos) {
        try {
            int count = 0;
            for (SocketChannel channel = acceptor.accept(); channel != null; channel = acceptor.accept()) {
                admit(channel, host, nowNanos);
                if (++count == TURN_CLIENTS) {
                    break;
                }
            }
            if (isClosed) {
                isClosed = false;
                counters.isAcceptPaused = false;
                logger.info("The bus takes new clients again");
            }
            return count == TURN_CLIENTS;
        } catch (IOException e) {
            if (!isClosed) {
                counters.acceptPauses.increment();
                counters.isAcceptPaused = true;
                logger.warn(
                        "The bus cannot take new clients ({}): it tries again every second, and those connected go on;"
                                + " if there are too many open files, raise the limit (ulimit -n){}",
                        e.getMessage(),
                        KeyValues.of("reason", e.getMessage()));
            }
            isClosed = true;
            closedNanos = nowNanos;
            return false;
        }
    }

    /** Whether nobody is let in for the moment. */
    boolean isClosed() {
        return isClosed;
    }

    /** Whether it was closed for long enough. */
    boolean isToBeTriedAgain(long nowNanos) {
        return isClosed && nowNanos - closedNanos >= PAUSE_NANOS;
    }

    /** How long it stays closed; {@link Long#MAX_VALUE} if it is open. */
    long nanosToNextTry(long nowNanos) {
        return isClosed ? Math.max(0, PAUSE_NANOS - (nowNanos - closedNanos)) : Long.MAX_VALUE;
    }

    private void admit(SocketChannel channel, Host host, long nowNanos) {
        boolean isIn = false;
        try {
            Optional<Peer> peer = doorkeeper.admit(channel, settings.get().allowedUsers(), nowNanos);
            if (peer.isPresent()) {
                host.enter(channel, peer.get());
                counters.accepted.increment();
                isIn = true;
            } else {
                counters.refusedPeers.increment();
            }
        } catch (IOException e) {
            logger.debug("A client left before it was let in: {}", e.getMessage());
        } finally {
            if (!isIn) {
                close(channel);
            }
        }
    }

    private void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            logger.warn("The socket of a client that was not let in could not be closed", e);
        }
    }
}
