// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.callosum.transport.ConnectionStatus;
import org.callosum.transport.Receiver;
import org.osgi.service.log.Logger;

/**
 * The clients that a server has: who comes, who goes, and why, and how they stand.
 *
 * <p><b>Threads.</b> The server's loop.
 */
final class ServedClients {
    private final Collection<ServedClient> all;
    private final Recipients recipients;
    private final Stragglers stragglers;
    private final ReceiverSlot slot;
    private final Supplier<ServerSettings> settings;
    private final ServerCounters counters;
    private final ClosedConnections closed;
    private final Logger logger;
    private Consumer<ServedClient> leaving = client -> {};

    /**
     * Makes those of a server.
     *
     * @param all holds them, and is changed by nobody else
     */
    ServedClients(
            Collection<ServedClient> all,
            Recipients recipients,
            Stragglers stragglers,
            ReceiverSlot slot,
            Supplier<ServerSettings> settings,
            ServerCounters counters,
            ClosedConnections closed,
            Logger logger) {
        this.all = all;
        this.recipients = recipients;
        this.stragglers = stragglers;
        this.slot = slot;
        this.settings = settings;
        this.counters = counters;
        this.closed = closed;
        this.logger = logger;
    }

    /** Sets who else is told when a client is gone. */
    void onLeave(Consumer<ServedClient> told) {
        leaving = told;
    }

    /** All there are: a view. */
    Collection<ServedClient> all() {
        return all;
    }

    /** Adds one, which gets what comes from now on. */
    void add(ServedClient client) {
        all.add(client);
        recipients.add(client);
        counters.clients.increment();
    }

    /** Closes a client's connection; gives what is remembered of it. */
    ConnectionStatus remove(ServedClient client, String reason, long nowNanos) {
        all.remove(client);
        recipients.remove(client);
        leaving.accept(client);
        counters.clients.decrement();
        ConnectionStatus status = client.close(reason, nowNanos);
        closed.add(status);
        stragglers.forget(client, nowNanos);
        return status;
    }

    /** Closes the connections of those that make no progress, and of those for whom there is no room. */
    void disconnectStalled(long nowNanos) {
        List<ServedClient> stalled = stragglers.takeStalled();
        for (ServedClient client : stalled) {
            disconnectStalled(client, nowNanos);
        }
        List<ServedClient> stuck = stragglers.takeStuck();
        for (ServedClient client : stuck) {
            counters.disconnectedNoRoom.increment();
            logger.warn(
                    "{} is disconnected: it has never read, and there is no room for the rest of the frame that it has begun to"
                            + " get; the bus may hold {} bytes in all ('memoryBytes'){}",
                    client,
                    settings.get().memoryBytes(),
                    client.keyValuesWithBacklog().and(settings.get().memoryKeyValues()));
            throwOff(client, "never read, and there was no room for the rest of its frame", nowNanos);
        }
        if (!stalled.isEmpty() || !stuck.isEmpty()) {
            stragglers.flushAndJudge(nowNanos); // those who are left may have room
        }
    }

    private void disconnectStalled(ServedClient client, long nowNanos) {
        long millis = settings.get().stall().toMillis();
        counters.disconnectedStalled.increment();
        logger.warn(
                "{} is disconnected: it has made no progress for {} ms, and {} bytes wait for it (policy 'disconnect'){}",
                client,
                millis,
                client.outbox().pendingBytes(),
                client.keyValuesWithBacklog().and("stalled_ms", millis));
        throwOff(client, "no progress for " + millis + " ms with a full backlog", nowNanos);
    }

    /**
     * Closes the connection of a client, as an operator wants it.
     *
     * @return whether there was such a client
     */
    boolean disconnect(long id, long nowNanos) {
        for (ServedClient client : all) {
            if (client.id() == id) {
                logger.info(
                        "{} is disconnected, as an operator wants it: {} bytes waited for it{}",
                        client,
                        client.outbox().pendingBytes(),
                        client.keyValuesWithBacklog());
                throwOff(client, "disconnected by an operator", nowNanos);
                stragglers.flushAndJudge(nowNanos); // those who are left may have room
                return true;
            }
        }
        return false;
    }

    /** How they stand, by their number. */
    List<ConnectionStatus> status(long nowNanos) {
        List<ConnectionStatus> status = new ArrayList<>(all.size());
        for (ServedClient client : all) {
            status.add(client.status(stragglers.isHeldUpBy(client), nowNanos));
        }
        return status;
    }

    /** Closes all connections: another server has the place. */
    void sendOver(String reason, long nowNanos) {
        for (ServedClient client : List.copyOf(all)) {
            remove(client, reason, nowNanos);
            counters.sentOver.increment();
        }
    }

    /** Closes all connections: the server ends. */
    void close(String reason, long nowNanos) {
        for (ServedClient client : all) {
            closed.add(client.close(reason, nowNanos));
            counters.clients.decrement();
        }
        all.clear();
    }

    /** Closes the connection of one who did not mean to go, and tells the receiver. */
    private void throwOff(ServedClient client, String reason, long nowNanos) {
        ConnectionStatus status = remove(client, reason, nowNanos);
        Receiver receiver = slot.receiver();
        if (receiver == null) {
            return;
        }
        try {
            receiver.thrownOff(status);
        } catch (RuntimeException e) {
            logger.error(
                    "The receiver failed when it was told that {} was disconnected{}", client, client.keyValues(), e);
        }
    }
}
