// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

import org.callosum.api.Emission;
import org.callosum.api.KeyValues;
import org.callosum.api.Message;
import org.callosum.socket.LiveSocketException;
import org.callosum.transport.ConnectionStatus;
import org.callosum.transport.Receiver;
import org.callosum.transport.Replay;
import org.callosum.transport.TransportStatus;
import org.osgi.service.log.Logger;

/**
 * The end of a bus that finds out which one to be: the server, unless there is one. A server whose place another one takes
 * becomes a client of that one, in this order: what its clients had sent and this runtime had emitted is put into the order
 * and handed to the receiver; the receiver is told of the gap and goes over; the client connects; then those that were
 * served get the rest of what waits for them and are closed, so that they come to the other bus too. What is emitted
 * meanwhile goes to the one or the other, never to neither.
 *
 * <p><b>Threads.</b> Any thread. {@link #send} takes the read lock alone, for a receiver may emit while it is called;
 * attaching and detaching, which may wait for such a call, are under {@code this}; the handing over, on the old server's
 * thread and outside any call of the receiver, takes both, in this order.
 */
final class AutoBus implements BusEnd {
    /** What a server has counted that is still to be seen when it has become a client. */
    private static final List<String> KEPT_COUNTERS = List.of("displaced", "sentOver", "givenUpClients");

    private final Function<Consumer<Instant>, BusServer> servers;
    private final Supplier<BusClient> clients;
    private final Logger logger;

    /** Held for reading while something is handed to {@link #end}, for writing while it changes. */
    private final ReadWriteLock sending = new ReentrantReadWriteLock();

    /** What this is now. Written under both locks once it is started. */
    private volatile BusEnd end;

    /** Written under this. */
    private volatile BusServer server;

    // Guarded by this.
    private Receiver receiver;
    private BusSettings changed;
    private boolean isStopped;

    /**
     * Makes one that is neither yet.
     *
     * @param servers makes a server, given what it is to tell when it is displaced
     * @param clients makes a client
     */
    AutoBus(Function<Consumer<Instant>, BusServer> servers, Supplier<BusClient> clients, Logger logger) {
        this.servers = servers;
        this.clients = clients;
        this.logger = logger;
    }

    @Override
    public synchronized void start() throws IOException {
        // Tried rather than asked: of two who ask at once, both would hear that nobody listens.
        BusServer first = servers.apply(this::displaced);
        try {
            first.start();
            server = first;
            end = first;
        } catch (LiveSocketException somebodyServes) {
            BusClient client = clients.get();
            client.start();
            end = client;
        }
    }

    @Override
    public synchronized void apply(BusSettings settings) {
        changed = settings;
        end.apply(settings);
    }

    @Override
    public void stop() {
        BusEnd last;
        BusServer first;
        synchronized (this) {
            isStopped = true; // it stays what it is
            last = end;
            first = server;
        }
        if (last != null) {
            last.stop();
        }
        if (first != null) {
            first.stop(); // waits for it, if it is just about to give way
        }
    }

    @Override
    public synchronized void attach(Receiver attached) {
        end.attach(attached);
        receiver = attached;
    }

    @Override
    public synchronized void detach(Receiver detached) {
        end.detach(detached);
        if (receiver == detached) {
            receiver = null;
        }
    }

    @Override
    public void resume() {
        end.resume();
    }

    @Override
    public boolean work(BooleanSupplier until) {
        return end.work(until);
    }

    @Override
    public void leave() {
        BusServer serving = server; // whatever this is by now: a client has no work to be left
        if (serving != null) {
            serving.leave();
        }
    }

    @Override
    public Emission send(Message message) {
        sending.readLock().lock();
        try {
            return end.send(message);
        } finally {
            sending.readLock().unlock();
        }
    }

    /** Of one that has given way also what that has cost: it is not forgotten with the server. */
    @Override
    public TransportStatus status() {
        TransportStatus status = end.status();
        BusServer displaced = displacedServer();
        if (displaced == null) {
            return status;
        }
        Map<String, Long> counters = new LinkedHashMap<>(status.counters());
        Map<String, Long> before = displaced.status().counters();
        KEPT_COUNTERS.forEach(name -> counters.put(name, before.get(name)));
        return new TransportStatus(status.mode(), status.address(), status.up(), counters);
    }

    /** The server that has given way to another one, if it was one. */
    private BusServer displacedServer() {
        BusServer first = server;
        return first == end ? null : first;
    }

    @Override
    public List<ConnectionStatus> connections() {
        return end.connections();
    }

    @Override
    public List<ConnectionStatus> closedConnections() {
        BusServer displaced = displacedServer();
        return displaced == null ? end.closedConnections() : displaced.closedConnections(); // a client remembers none
    }

    @Override
    public Replay replay() throws IOException {
        return end.replay();
    }

    @Override
    public boolean disconnect(long id) {
        return end.disconnect(id);
    }

    /** Looks at the socket file, if it serves. */
    void look() {
        if (end instanceof BusServer serving) {
            serving.look();
        }
    }

    private void displaced(Instant since) {
        BusServer old;
        synchronized (this) {
            old = server;
        }
        BusClient client = clients.get();
        old.stop(takeLast -> handOver(takeLast, old, client, since));
        synchronized (this) {
            if (end == client && !isStopped) {
                ensureStarted(client);
            }
        }
    }

    private synchronized void handOver(Runnable takeLast, BusServer old, BusClient client, Instant since) {
        sending.writeLock().lock();
        try {
            takeLast.run();
            if (isStopped) {
                return;
            }
            if (receiver != null) {
                old.detach(receiver);
                client.attach(receiver);
                tellMissed(receiver, since);
            }
            if (changed != null) {
                client.apply(changed);
            }
            end = client;
        } finally {
            sending.writeLock().unlock();
        }
        ensureStarted(client);
    }

    private void tellMissed(Receiver told, Instant since) {
        Instant now = Instant.now();
        try {
            told.missed(since, now.isBefore(since) ? since : now);
        } catch (RuntimeException e) {
            logger.error(
                    "The receiver failed when it was told of a gap: it goes over to the other bus all the same", e);
        }
    }

    /** Starts the client, unless it is; if there are too few descriptors for it, the old server's clients give theirs back. */
    private void ensureStarted(BusClient client) {
        if (client.isStarted()) {
            return;
        }
        try {
            client.start();
        } catch (IOException e) {
            logger.error(
                    "This runtime cannot connect to the bus that has taken its place: {}{}",
                    e.getMessage(),
                    KeyValues.of("reason", e.getMessage()),
                    e);
        }
    }
}
