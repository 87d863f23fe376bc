// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

import org.callosum.transport.ConnectionStatus;
import org.osgi.service.log.Logger;

/**
 * The one thread of a server: accepts, reads, and writes on sockets that never block. In each turn it takes what this
 * runtime emitted and what one read of each sender brought, then writes to all clients.
 *
 * <p>Where there is no room for more, what was read waits with its client, and no sender is read from until all who wait
 * have been taken from, one after the other.
 *
 * <p><b>Threads.</b> {@link #run()} is the loop; {@link #wakeUp()}, {@link #stop()}, {@link #connections()} and
 * {@link #disconnect(long)} may be called by any thread.
 */
final class ServerLoop implements Runnable {
    /** What is read from one sender before the others have their turn. */
    private static final int READ_BYTES = 1 << 18;

    private static final long FAILURE_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** How long clients that still take something have at the stop to take the rest. */
    private static final long FLUSH_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** How long those who ask the loop wait for its next turn. */
    private static final Duration ANSWER = Duration.ofSeconds(2);

    private final Entrance entrance;
    private final ReceiverSlot slot;
    private final PeerProcesses processes;
    private final FrameLog log = new FrameLog();
    private final Supplier<ServerSettings> settings;
    private final ServerCounters counters;
    private final ClosedConnections closed;
    private final Logger logger;
    private final Selector selector;
    private final SelectionKey listenerKey;
    private final Set<ServedClient> clients = new LinkedHashSet<>();
    private final Stragglers stragglers;
    private final Sequencer sequencer;

    /** Clients with something that was read and not taken, in the order in which they wait for room. */
    private final Queue<ServedClient> waiting = new ArrayDeque<>();

    private final ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
    private final List<ServedClient> readable = new ArrayList<>();
    private final Inquiries inquiries = new Inquiries();
    private long lastId;
    private boolean hasWork;

    private volatile boolean isStopping;

    /**
     * Makes one that does not run yet. It owns the selector alone; the listening channel stays the caller's.
     *
     * @param listener where clients arrive
     * @param entrance lets them in from there
     * @param processes marks their sockets, so that it finds their processes
     */
    ServerLoop(
            ServerSocketChannel listener,
            Entrance entrance,
            PeerProcesses processes,
            ReceiverSlot slot,
            OwnEmits own,
            TimeStamps timeStamps,
            Supplier<ServerSettings> settings,
            ServerCounters counters,
            ClosedConnections closed,
            Logger logger)
            throws IOException {
        this.entrance = entrance;
        this.processes = processes;
        this.slot = slot;
        this.settings = settings;
        this.counters = counters;
        this.closed = closed;
        this.logger = logger;
        stragglers = new Stragglers(clients, log, settings, counters, logger);
        sequencer = new Sequencer(log, stragglers, slot, own, timeStamps, settings, counters, logger);
        listener.configureBlocking(false);
        selector = Selector.open();
        listenerKey = listener.register(selector, SelectionKey.OP_ACCEPT);
    }

    /** Has the loop look again at what may have changed: own emits, the receiver's room, settings. */
    void wakeUp() {
        selector.wakeup();
    }

    /**
     * How the clients stand, by their number; none after the loop's end.
     *
     * @throws IllegalStateException if the loop does not answer
     */
    List<ConnectionStatus> connections() {
        return inquiries.ask(this::statusOfAll, this::wakeUp, List.of(), ANSWER);
    }

    /**
     * Closes the connection of a client.
     *
     * @return whether there was such a client
     * @throws IllegalStateException if the loop does not answer
     */
    boolean disconnect(long id) {
        return inquiries.ask(() -> disconnectNow(id), this::wakeUp, false, ANSWER);
    }

    /** Ends the loop: it takes nothing more from clients, writes what it has to those that take it, and closes them. */
    void stop() {
        isStopping = true;
        selector.wakeup();
    }

    @Override
    public void run() {
        try {
            while (!isStopping) {
                try {
                    turn();
                } catch (IOException | RuntimeException | Error e) {
                    logger.error("The bus's loop failed: it goes on, and this is a defect to be reported", e);
                    LockSupport.parkNanos(FAILURE_PAUSE_NANOS); // what fails at once again would fill the log
                }
            }
            inquiries.close(); // nobody has to wait until the clients have taken what waits for them
            finish();
        } catch (IOException e) {
            logger.warn("The bus could not bring its clients what waited for them", e);
        } finally {
            closeAll();
        }
    }

    private void turn() throws IOException {
        select(System.nanoTime());
        long now = System.nanoTime();
        slot.enter();
        try {
            look(now);
            sequencer.takeOwn(now);
            takeWaiting(now);
            for (ServedClient client : readable) {
                if (waiting.isEmpty() && sequencer.admitsSenders(now)) {
                    read(client, now);
                }
            }
            stragglers.flushAndJudge(now);
            inquiries.answer(); // here, where nobody goes through the clients
            disconnectStalled(now);
            watch(now);
            // A client that left may have made room after its turn to be waited for had passed.
            hasWork = sequencer.hasOwn() || !waiting.isEmpty() && sequencer.admitsSenders(now);
        } finally {
            slot.exit();
        }
    }

    /** Sees what the sockets are ready for, and lets in who waits at the door. */
    private void look(long now) {
        readable.clear();
        boolean arrived = false;
        for (SelectionKey key : selector.selectedKeys()) {
            if (key == listenerKey) {
                arrived = true;
                continue;
            }
            ServedClient client = (ServedClient) key.attachment();
            if (key.isWritable()) {
                client.outbox().unblock();
            }
            if (key.isReadable()) {
                readable.add(client);
            }
        }
        selector.selectedKeys().clear();
        if (!isStopping && (arrived || entrance.isToBeTriedAgain(now))) {
            entrance.letIn(this::enter, now);
        }
    }

    private void enter(SocketChannel channel, Peer peer) throws IOException {
        channel.configureBlocking(false);
        SelectionKey key = channel.register(selector, 0);
        ServedClient client = new ServedClient(
                ++lastId,
                peer,
                channel,
                key,
                new Outbox(channel, log, counters),
                settings.get().maxFrameBytes());
        processes.mark(channel, lastId);
        key.attach(client);
        clients.add(client);
        counters.clients.increment();
    }

    /** Takes what was read before, from each client that waits; who waits on goes to the end. */
    private void takeWaiting(long now) {
        for (int i = waiting.size(); i > 0 && sequencer.admitsSenders(now); i--) {
            takeFrom(waiting.remove(), now);
        }
    }

    private void read(ServedClient client, long now) {
        int count;
        try {
            count = client.read(buffer);
        } catch (IOException reset) {
            // It closed without having read all that it got. What it had sent has come before this.
            count = -1;
        }
        if (count < 0) {
            client.end();
        } else {
            counters.bytesIn.add(count);
        }
        takeFrom(client, now);
    }

    private void takeFrom(ServedClient client, long now) {
        try {
            boolean isDone = sequencer.takeFrom(client, now);
            if (isDone && client.hasEnded()) {
                isDone = sequencer.takeLast(client, now);
            }
            if (!isDone) {
                client.splitter().holdRest(); // the buffer is used again for the next read
                waiting.add(client);
            } else if (client.hasEnded()) {
                client.outbox().write(now); // its own last frame: it may have closed the sending side alone
                remove(client, "closed by the client", now);
            }
        } catch (RuntimeException | Error e) {
            logger.error("Taking a frame of {} failed: it is disconnected, the others go on", client, e);
            remove(client, "failure: " + e, now);
        }
    }

    private void disconnectStalled(long now) {
        List<ServedClient> stalled = stragglers.takeStalled();
        for (ServedClient client : stalled) {
            disconnect(client, now);
        }
        if (!stalled.isEmpty()) {
            stragglers.flushAndJudge(now); // those who are left may have room
        }
    }

    private void disconnect(ServedClient client, long now) {
        long millis = settings.get().stall().toMillis();
        counters.disconnectedStalled.increment();
        logger.warn(
                "{} is disconnected: it has made no progress for {} ms, and {} bytes wait for it (policy 'disconnect')",
                client,
                millis,
                client.outbox().pendingBytes());
        remove(client, "no progress for " + millis + " ms with a full backlog", now);
    }

    private List<ConnectionStatus> statusOfAll() {
        long now = System.nanoTime();
        List<ConnectionStatus> all = new ArrayList<>(clients.size());
        for (ServedClient client : clients) {
            all.add(client.status(stragglers.isHeldUpBy(client), now));
        }
        return all;
    }

    private boolean disconnectNow(long id) {
        long now = System.nanoTime();
        for (ServedClient client : clients) {
            if (client.id() == id) {
                logger.info(
                        "{} is disconnected, as an operator wants it: {} bytes waited for it",
                        client,
                        client.outbox().pendingBytes());
                remove(client, "disconnected by an operator", now);
                stragglers.flushAndJudge(now); // those who are left may have room
                return true;
            }
        }
        return false;
    }

    private void remove(ServedClient client, String reason, long now) {
        clients.remove(client);
        waiting.remove(client);
        counters.clients.decrement();
        closed.add(client.close(reason, now));
        stragglers.forget(client, now);
    }

    /** Watches each socket for what can be done with it next. */
    private void watch(long now) {
        boolean isReading = waiting.isEmpty() && sequencer.admitsSenders(now);
        for (ServedClient client : clients) {
            client.watch(isReading);
        }
        int accepting = entrance.isClosed() ? 0 : SelectionKey.OP_ACCEPT;
        if (listenerKey.isValid() && listenerKey.interestOps() != accepting) {
            listenerKey.interestOps(accepting);
        }
    }

    /** Waits until a socket is ready, a time is up, or somebody wakes the loop; not at all if there is work left. */
    private void select(long now) throws IOException {
        if (hasWork) {
            selector.selectNow();
            return;
        }
        long nanos = Math.min(stragglers.nanosToNextJudgement(now), entrance.nanosToNextTry(now));
        long awaited = sequencer.nanosAwaited(now);
        if (awaited > 0) {
            nanos = Math.min(nanos, awaited);
        }
        selector.select(nanos == Long.MAX_VALUE ? 0 : TimeUnit.NANOSECONDS.toMillis(nanos) + 1);
    }

    /** Puts the last own emits into the order and brings the clients what waits for them. */
    private void finish() throws IOException {
        slot.enter();
        try {
            sequencer.takeAllOwn();
        } finally {
            slot.exit();
        }
        long begin = System.nanoTime();
        for (long now = begin; flush(now) && now - begin < FLUSH_NANOS; now = System.nanoTime()) {
            selector.select(TimeUnit.NANOSECONDS.toMillis(FLUSH_NANOS - (now - begin)) + 1);
            look(now);
        }
    }

    /** Writes to all; gives whether something is left for one that reads. */
    private boolean flush(long now) {
        boolean isLeft = false;
        for (ServedClient client : clients) {
            if (!client.outbox().isBlocked()) {
                client.outbox().write(now);
            }
            client.watch(false);
            isLeft |= !client.outbox().isSendOnly() && client.outbox().pendingBytes() > 0;
        }
        return isLeft;
    }

    private void closeAll() {
        inquiries.close();
        long now = System.nanoTime();
        for (ServedClient client : clients) {
            closed.add(client.close("the bus stopped", now));
            counters.clients.decrement();
        }
        clients.clear();
        try {
            selector.close();
        } catch (IOException e) {
            logger.warn("The selector of the bus could not be closed", e);
        }
    }
}
