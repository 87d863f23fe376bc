// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    /** Those that have sent all they have to send and are still to get something, with when it came to that. */
    private final Map<ServedClient, Long> ended = new LinkedHashMap<>();

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
        ended.remove(client);
        recipients.remove(client);
        leaving.accept(client);
        counters.clients.decrement();
        ConnectionStatus status = client.close(reason, nowNanos);
        closed.add(status);
        stragglers.forget(client, nowNanos);
        return status;
    }

    /**
     * Is told that all was taken that a client had to send. It may have closed that side alone: it gets what waits for it, its own
     * last frame too, for as long as it makes progress.
     */
    void end(ServedClient client, long nowNanos) {
        recipients.write(client, nowNanos);
        if (!seeOff(client, nowNanos, nowNanos)) {
            ended.put(client, nowNanos);
            client.watch(); // not for its end, which it has come to
        }
    }

    /** How long until somebody that has ended has taken nothing for too long; {@link Long#MAX_VALUE} if nobody has ended. */
    long nanosToNextEnd(long nowNanos) {
        long next = Long.MAX_VALUE;
        for (Map.Entry<ServedClient, Long> each : ended.entrySet()) {
            long left = settings.get().stall().toNanos() - standstillNanos(each.getKey(), each.getValue(), nowNanos);
            next = Math.min(next, Math.max(left, 0));
        }
        return next;
    }

    /** Closes the connections of those that have ended and got all, or take nothing; gives whether there was one. */
    private boolean seeOff(long nowNanos) {
        boolean isSomebodyGone = false;
        if (!ended.isEmpty()) {
            for (Map.Entry<ServedClient, Long> each : List.copyOf(ended.entrySet())) {
                isSomebodyGone |= seeOff(each.getKey(), each.getValue(), nowNanos);
            }
        }
        return isSomebodyGone;
    }

    private boolean seeOff(ServedClient client, long sinceNanos, long nowNanos) {
        long pending = client.outbox().pendingBytes();
        if (pending == 0) { // nothing, too, if its end takes nothing any more
            remove(client, "closed by the client", nowNanos);
            return true;
        }
        if (standstillNanos(client, sinceNanos, nowNanos)
                >= settings.get().stall().toNanos()) {
            long millis = settings.get().stall().toMillis();
            logger.info(
                    "{} has ended, and has taken nothing for {} ms: {} bytes still waited for it{}",
                    client,
                    millis,
                    pending,
                    client.keyValuesWithBacklog().and("stalled_ms", millis));
            remove(client, "closed by the client, which took nothing more for " + millis + " ms", nowNanos);
            return true;
        }
        return false;
    }

    private static long standstillNanos(ServedClient client, long sinceNanos, long nowNanos) {
        return Math.min(nowNanos - sinceNanos, nowNanos - client.outbox().progressNanos());
    }

    /** Closes the connections of those that make no progress, or have ended and got all, and of those for whom there is no room. */
    void disconnectStalled(long nowNanos) {
        boolean isSomebodyGone = seeOff(nowNanos);
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
        if (isSomebodyGone || !stalled.isEmpty() || !stuck.isEmpty()) {
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
        ended.clear();
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
