// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import org.callosum.api.Emission;
import org.callosum.api.EmitRefusedException;
import org.callosum.api.Message;
import org.callosum.socket.LiveSocketException;
import org.callosum.socket.PeerCredentials;
import org.callosum.socket.SocketFile;
import org.callosum.transport.ConnectionStatus;
import org.callosum.transport.Receiver;
import org.callosum.transport.Replay;
import org.callosum.transport.TransportStatus;
import org.osgi.service.log.Logger;

/**
 * A bus, served on a Unix socket: the server's side of {@code protocol.md}.
 *
 * <p><b>Threads.</b> Any thread. The bus itself lives on a thread of its own, or on the receiver's, {@link ServerLoop}; what others emit gets
 * to it through {@link OwnEmits}.
 */
final class BusServer implements BusEnd {
    /** What the loop may take to end: it flushes for two seconds. */
    private static final long END_MILLIS = TimeUnit.SECONDS.toMillis(5);

    /** How long it waits for the watch of the socket file; not for ever, for that may be about to stop this server itself. */
    private static final long WATCHER_MILLIS = 1_000;

    /** Why a client's connection is closed when another server has the place. */
    private static final String SENT_OVER = "another server has taken the socket: sent over to it";

    private final Path socket;
    private final PeerCredentials credentials;
    private final Logger logger;
    private final TimeStamps timeStamps = new TimeStamps(System::currentTimeMillis);
    private final PeerProcesses processes;
    private final ReceiverSlot slot;
    private final OwnEmits own = new OwnEmits();
    private final ServerCounters counters = new ServerCounters();
    private final ClosedConnections closed = new ClosedConnections();

    private volatile ServerSettings settings;

    /** Is told that another server has taken the place, and since when it may have had it. */
    private final Consumer<Instant> displaced;

    // Guarded by this; set by start(), and the thread is again null after stop().
    private SocketFile file;
    private SocketWatch watch;
    private Thread watcher;
    private Thread thread;

    /** When the place was last known to be the own one. Used by the watch alone. */
    private Instant lastInPlace = Instant.now();

    /** Whether another server has the place: nobody finds this one. */
    private volatile boolean isDisplaced;

    /** The loop, while it runs. Written under this, read by any thread. */
    private volatile ServerLoop loop;

    /** Where clients come in. Set before the watch is started, and read by it. */
    private Entrance entrance;

    private boolean wasStarted;

    /**
     * Makes one that does not serve yet. If another server takes its place, it sends its clients over to that one, by closing
     * their connections, refuses what is emitted, and serves again when the place is free.
     *
     * @param firstPatience how long senders wait for the first receiver to be attached, from now on; zero is not at all
     */
    BusServer(
            Path socket, ServerSettings settings, Duration firstPatience, PeerCredentials credentials, Logger logger) {
        this(socket, settings, firstPatience, credentials, null, logger);
    }

    /**
     * Makes one that does not serve yet.
     *
     * @param displaced is told when another server has taken its place, with the time since when that may be so, and is to
     *     {@linkplain #stop(Consumer) stop} this one; {@code null} to have it wait for its place
     */
    BusServer(
            Path socket,
            ServerSettings settings,
            Duration firstPatience,
            PeerCredentials credentials,
            Consumer<Instant> displaced,
            Logger logger) {
        this.slot = new ReceiverSlot(firstPatience);
        this.socket = socket;
        this.settings = Objects.requireNonNull(settings);
        this.credentials = credentials;
        this.processes = new PeerProcesses(logger);
        this.displaced = displaced;
        this.logger = logger;
    }

    /**
     * Serves. When it returns, clients can connect.
     *
     * @throws LiveSocketException if somebody else serves there
     * @throws IllegalArgumentException if the socket's path is too long
     */
    @Override
    public synchronized void start() throws IOException {
        if (wasStarted) {
            throw new IllegalStateException("A server is started once");
        }
        file = BusSocket.file(socket);
        ServerSocketChannel listener = file.bind();
        try {
            Doorkeeper doorkeeper = new Doorkeeper(credentials, file.owner(), logger);
            entrance = new Entrance(doorkeeper, () -> settings, counters, System::nanoTime, logger);
            loop = new ServerLoop(
                    listener, entrance, processes, slot, own, timeStamps, () -> settings, counters, closed, logger);
        } catch (IOException | RuntimeException e) {
            removeFile();
            close(listener);
            throw e;
        }
        wasStarted = true;
        thread = new Thread(loop, "callosum-bus-server");
        thread.setDaemon(true);
        thread.start();
        watch = new SocketWatch(file, new Place(), logger);
        watcher = new Thread(watch, "callosum-bus-socket-watch");
        watcher.setDaemon(true);
        watcher.start();
        logger.info("The bus is served on {}{}", file.path(), BusSocket.keyValues(file.path()));
    }

    /**
     * Ends to serve: clients get what waits for them, if they take it within two seconds. Does nothing if it does not
     * serve. If the calling thread is interrupted, it does not wait for the clients.
     */
    @Override
    public synchronized void stop() {
        own.close();
        if (loop != null) {
            end(ServerLoop::stop);
        }
    }

    /**
     * Ends to serve in favour of another server: takes what clients have sent by then and this runtime has emitted, and has
     * them come back to the other one. Does nothing if it does not serve.
     *
     * @param handOver is handed, on the loop's thread, what takes the last frames; what is emitted until that has returned is
     *     among them, and then the receiver is not called any more
     */
    synchronized void stop(Consumer<Runnable> handOver) {
        if (loop != null) {
            end(running -> running.stop(handOver, SENT_OVER));
        }
        own.close();
    }

    private void end(Consumer<ServerLoop> how) {
        watch.close();
        // The file first: a client that we close finds nobody, and whoever starts meanwhile no dead socket.
        removeFile();
        how.accept(loop);
        try {
            thread.join(END_MILLIS);
            if (thread.isAlive()) {
                logger.error(
                        "The bus's loop has not ended after {} ms: it is left behind{}",
                        END_MILLIS,
                        BusSocket.keyValues(socket).and("waited_ms", END_MILLIS));
            }
            if (watcher != Thread.currentThread()) {
                watcher.join(WATCHER_MILLIS);
            }
            entrance.join(WATCHER_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        loop = null;
        thread = null;
        logger.info("The bus on {} is no longer served{}", socket, BusSocket.keyValues(socket));
    }

    /** Applies other settings, from the next frame on. */
    @Override
    public void apply(BusSettings changed) {
        settings = changed.server();
        wakeUp();
    }

    /** Looks at the socket file, as happens by itself every {@link SocketWatch#PERIOD}. */
    void look() {
        SocketWatch watching = watch;
        if (watching != null) {
            watching.look();
        }
    }

    @Override
    public void attach(Receiver receiver) {
        slot.attach(receiver);
        wakeUp();
    }

    @Override
    public void detach(Receiver receiver) {
        slot.detach(receiver);
        wakeUp(); // nobody's room is to be waited for any more
    }

    @Override
    public void resume() {
        wakeUp();
    }

    @Override
    public boolean work(BooleanSupplier until) {
        ServerLoop running = loop;
        return running != null && running.work(until);
    }

    @Override
    public void leave() {
        ServerLoop running = loop;
        if (running != null) {
            running.leave();
        }
    }

    @Override
    public Emission send(Message message) {
        if (isDisplaced && displaced == null) {
            throw new EmitRefusedException("Message " + message + " is refused: another server has taken the socket "
                    + socket + ", and this runtime is on no bus; stop that one, or configure mode 'auto'");
        }
        ServerSettings limits = settings;
        Message stamped = stamped(OwnFrame.checked(message, limits.maxFrameBytes()));
        int bytes = stamped.toUtf8().remaining();
        slot.enter();
        try {
            Receiver receiver = slot.receiver();
            if (receiver != null && !receiver.reserve(bytes)) {
                throw new EmitRefusedException("Message " + message + " of " + bytes
                        + " bytes is refused: the events waiting to be handled fill even what is kept free for this"
                        + " runtime's own; emit again when the handlers have caught up, or raise that limit");
            }
            if (!own.offer(new OwnEmits.Own(stamped, bytes, receiver), limits.ownAllowanceBytes())) {
                if (receiver != null) {
                    receiver.release(bytes);
                }
                throw refused(message, bytes, limits);
            }
        } finally {
            slot.exit();
        }
        wakeUp();
        return Emission.SENT;
    }

    @Override
    public TransportStatus status() {
        return new TransportStatus(
                "server",
                socket.toString(),
                loop != null && !isDisplaced,
                counters.byName(own.bytes(), settings.memoryBytes()));
    }

    @Override
    public List<ConnectionStatus> connections() {
        ServerLoop running = loop;
        List<ConnectionStatus> open = running == null ? List.of() : running.connections();
        processes.look(ids(open), ids(closed.list()));
        return withProcesses(open);
    }

    /** With the processes of those that were looked at while they were open. */
    @Override
    public List<ConnectionStatus> closedConnections() {
        return withProcesses(closed.list());
    }

    @Override
    public Replay replay() throws IOException {
        if (settings.keptBytes() == 0) {
            throw new IllegalStateException("The bus keeps nothing of what came: set 'historyBytes' of "
                    + BusComponent.PID + " above 0, and it keeps what comes from then on");
        }
        ServerLoop running = loop;
        if (running == null || isDisplaced) {
            throw new IllegalStateException("The bus on '" + socket + "' is not served");
        }
        SocketPair pair = SocketPair.in(socket.getParent(), credentials);
        ServerLoop.Kept kept = null;
        try {
            kept = running.enterFromOldest(pair.far(), peer(pair.far()));
            if (kept == null) {
                throw new IllegalStateException("The bus on '" + socket + "' has just stopped");
            }
            return new Replay(kept.before(), kept.frames(), Channels.newInputStream(pair.near()));
        } finally {
            if (kept == null) {
                pair.close();
            }
        }
    }

    private Peer peer(SocketChannel channel) throws IOException {
        return credentials
                .of(channel)
                .map(own -> new Peer(own.user().getName(), own.group().getName()))
                .orElse(Peer.UNKNOWN);
    }

    @Override
    public boolean disconnect(long id) {
        ServerLoop running = loop;
        return running != null && running.disconnect(id);
    }

    private List<ConnectionStatus> withProcesses(List<ConnectionStatus> connections) {
        return connections.stream()
                .map(each -> processes.of(each.id()).map(each::with).orElse(each))
                .toList();
    }

    private static Set<Long> ids(List<ConnectionStatus> connections) {
        return connections.stream().map(ConnectionStatus::id).collect(Collectors.toSet());
    }

    private Message stamped(Message message) {
        if (message.toMap().containsKey(Message.TS)) {
            return message;
        }
        ByteBuffer frame = message.toUtf8();
        return Message.ofFrame(message.tract(), message.event(), timeStamps.splice(frame))
                .withCausesOf(message);
    }

    private EmitRefusedException refused(Message message, int bytes, ServerSettings limits) {
        String reason = own.isClosed()
                ? "the bus has stopped"
                : own.bytes() + " bytes wait to be put on the bus, and the limit is " + limits.ownAllowanceBytes()
                        + "; emit again when it has taken them (a client that does not read may hold it up), or raise"
                        + " 'ownAllowanceBytes'";
        return new EmitRefusedException("Message " + message + " of " + bytes + " bytes is refused: " + reason);
    }

    private void wakeUp() {
        ServerLoop running = loop;
        if (running != null) {
            running.wakeUp();
        }
    }

    private void removeFile() {
        try {
            file.remove();
        } catch (IOException e) {
            logger.warn(
                    "Socket file '{}' could not be removed: the next bus there will do it{}",
                    socket,
                    BusSocket.keyValues(socket),
                    e);
        }
    }

    private void close(ServerSocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            logger.warn("Socket '{}' could not be closed{}", socket, BusSocket.keyValues(socket), e);
        }
    }

    /** What the watch sees of this server; its methods are called by the watch alone. */
    private final class Place implements SocketWatch.Host {
        @Override
        public long arrivals() {
            return entrance.arrivals();
        }

        @Override
        public void inPlace() {
            lastInPlace = Instant.now();
            counters.isSocketLost = false;
        }

        @Override
        public void lost() {
            counters.isSocketLost = true;
        }

        @Override
        public void boundAgain(ServerSocketChannel channel) {
            counters.boundAgain.increment();
            loop.listenOn(channel);
            if (isDisplaced) {
                isDisplaced = false;
                loop.tellMissed(lastInPlace, Instant.now());
            }
        }

        @Override
        public void displaced() {
            counters.displaced.increment();
            counters.isSocketLost = false; // it is found, by another server
            isDisplaced = true;
            if (displaced != null) {
                logger.error(
                        "Socket '{}' was taken by another server: this runtime becomes its client, and sends its own clients"
                                + " over to it. Find out who starts a second bus there{}",
                        socket,
                        BusSocket.keyValues(socket));
                displaced.accept(lastInPlace);
                return;
            }
            logger.error(
                    "Socket '{}' was taken by another server, and a live socket is never taken away: this runtime is on no bus,"
                            + " its clients are sent over to the other one. Stop that one, then this serves again; or"
                            + " configure mode 'auto' or another 'socket'{}",
                    socket,
                    BusSocket.keyValues(socket));
            loop.sendOver(SENT_OVER);
        }
    }
}
