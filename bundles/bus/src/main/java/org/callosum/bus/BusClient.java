// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

import org.callosum.api.Emission;
import org.callosum.api.EmitRefusedException;
import org.callosum.api.Message;
import org.callosum.transport.ConnectionStatus;
import org.callosum.transport.Receiver;
import org.callosum.transport.Replay;
import org.callosum.transport.TransportStatus;

/**
 * A guest on somebody else's bus: a client of {@code protocol.md}, that connects again by itself and keeps what is emitted
 * meanwhile, in order.
 *
 * <p>What has gone out and was not read when the bus died is lost: the wire has no acknowledgement. A message counts as
 * taken when it comes back.
 *
 * <p><b>Threads.</b> Any thread. The connection lives on a thread of its own, {@link ClientLoop}; what others emit gets to
 * it through {@link EmitQueue}.
 */
public final class BusClient implements BusEnd {
    /** What the loop may take to end: it flushes for two seconds. */
    public static final long END_MILLIS = TimeUnit.SECONDS.toMillis(5);

    private final Path socket;
    private final ConnectionWatch watch;
    private final Log log;
    private final Backoff backoff;
    private final ReceiverSlot slot = new ReceiverSlot(Duration.ZERO);
    private final EmitQueue queue = new EmitQueue();
    private final ClientCounters counters = new ClientCounters();

    private volatile ClientSettings settings;

    /** The loop, while it runs. Written under this, read by any thread. */
    private volatile ClientLoop loop;

    /** Guarded by this. */
    private Thread thread;

    /**
     * Makes one that does not connect yet.
     *
     * @param random scatters the attempts to connect: numbers from 0 to 1
     * @throws IllegalArgumentException if the socket's path is too long
     */
    BusClient(Path socket, ClientSettings settings, DoubleSupplier random, Log log) {
        this(socket, settings, random, ConnectionWatch.NONE, log);
    }

    /**
     * Makes one that does not connect yet.
     *
     * @param random scatters the attempts to connect: numbers from 0 to 1
     * @param watch is told of the connection's beginning and end
     * @throws IllegalArgumentException if the socket's path is too long
     */
    public BusClient(Path socket, ClientSettings settings, DoubleSupplier random, ConnectionWatch watch, Log log) {
        this.socket = BusSocket.path(socket);
        this.settings = Objects.requireNonNull(settings);
        this.backoff = new Backoff(random);
        this.watch = watch;
        this.log = log;
    }

    /** Begins to connect. It is usable at once: what is sent before the bus is there is kept. */
    @Override
    public synchronized void start() throws IOException {
        if (thread != null) {
            throw new IllegalStateException("A client is started once");
        }
        loop = new ClientLoop(socket, slot, queue, () -> settings, backoff, counters, watch, log);
        thread = new Thread(loop, "callosum-bus-client");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Sends what waits, if the bus takes it within two seconds, and leaves. If the calling thread is interrupted, it does
     * not wait for that.
     */
    @Override
    public synchronized void stop() {
        queue.close();
        if (loop == null) {
            queue.abandon();
            return;
        }
        loop.stop();
        try {
            thread.join(END_MILLIS);
            if (thread.isAlive()) {
                log.error(
                        "The bus client's loop has not ended after {} ms: it is left behind{}",
                        END_MILLIS,
                        BusSocket.keyValues(socket).and("waited_ms", END_MILLIS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        loop = null;
    }

    /** Whether it was started. */
    synchronized boolean isStarted() {
        return thread != null;
    }

    /** Applies other settings: from the next message on, for the frame limit from the next connection on. */
    @Override
    public void apply(BusSettings changed) {
        settings = changed.client();
    }

    @Override
    public void attach(Receiver receiver) {
        slot.attach(receiver);
    }

    @Override
    public void detach(Receiver receiver) {
        slot.detach(receiver);
    }

    /** Does nothing: what finds no room is given up here, and nobody waits. */
    @Override
    public void resume() {}

    @Override
    public Emission send(Message message) {
        ClientSettings limits = settings;
        ByteBuffer json = OwnFrame.checked(message, limits.maxFrameBytes()).toUtf8();
        byte[] frame = new byte[json.remaining() + 1];
        json.get(frame, 0, frame.length - 1);
        frame[frame.length - 1] = '\n';
        ClientLoop running = loop;
        boolean isThere = running != null && running.isConnected();
        switch (queue.offer(frame, limits.queueMessages(), limits.queueBytes())) {
            case CLOSED ->
                throw new EmitRefusedException("Message " + message + " is refused: the bus client has stopped");
            case FULL ->
                throw new EmitRefusedException("Message " + message + " of " + frame.length
                        + " bytes is refused: " + queue.frames() + " messages of " + queue.bytes()
                        + " bytes wait for the bus on "
                        + socket + ", and the limit is " + limits.queueMessages() + " messages or "
                        + limits.queueBytes()
                        + " bytes; emit again when it is back, or raise 'queueMessages' or 'queueBytes'");
            case ADDED_FIRST -> {
                if (running != null) {
                    running.wakeUp();
                }
            }
            case ADDED -> {}
        }
        return isThere ? Emission.SENT : Emission.QUEUED;
    }

    /**
     * Waits until the bus has been handed all that was sent before this call. When it is away, that takes until it is
     * back; what it does with it is another matter, for the wire has no acknowledgement.
     *
     * @return whether it was; {@code false} if the time was up before, or the client has stopped
     * @throws InterruptedException if the thread was interrupted
     */
    public boolean flush(Duration atMost) throws InterruptedException {
        return queue.awaitGone(atMost);
    }

    @Override
    public TransportStatus status() {
        ClientLoop running = loop;
        boolean isThere = running != null && running.isConnected();
        return new TransportStatus("client", socket.toString(), isThere, counters.byName(isThere, queue));
    }

    /** The one to the bus, if it is there: who else is connected only its server knows. */
    @Override
    public List<ConnectionStatus> connections() {
        ClientLink link = link();
        return link == null ? List.of() : List.of(link.status(queue));
    }

    /** None: they were all to the same bus, and the log has why each ended. */
    @Override
    public List<ConnectionStatus> closedConnections() {
        return List.of();
    }

    /** Nothing is kept: whoever serves the bus has its order, and what it does not keep is not made up here. */
    @Override
    public Replay replay() {
        throw new IllegalStateException("This runtime is a client of the bus on '" + socket
                + "', and only a runtime that serves a bus keeps what came: ask the one that serves it");
    }

    @Override
    public boolean disconnect(long id) {
        ClientLoop running = loop;
        ClientLink link = running == null ? null : running.link();
        if (link == null || link.id() != id) {
            return false;
        }
        running.disconnect(id);
        return true;
    }

    private ClientLink link() {
        ClientLoop running = loop;
        return running == null ? null : running.link();
    }
}
