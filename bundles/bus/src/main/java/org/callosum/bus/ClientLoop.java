// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

import org.callosum.socket.PeerCredentials;
import org.callosum.transport.Receiver;

/**
 * The one thread of a client: connects, again and again when the bus is away, reads what comes and writes what waits,
 * neither of which ever waits for the other. A loss of the bus and its return are logged once each, not every attempt.
 *
 * <p><b>Threads.</b> {@link #run()} is the loop; the others may be called by any thread.
 */
final class ClientLoop implements Runnable {
    private static final int BUFFER_BYTES = 1 << 18;
    private static final int WRITE_BYTES = 1 << 16;
    private static final long FLUSH_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long FAILURE_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Path socket;
    private final ReceiverSlot slot;
    private final EmitQueue queue;
    private final Supplier<ClientSettings> settings;
    private final Backoff backoff;
    private final ClientCounters counters;
    private final ConnectionWatch watch;
    private final Log log;
    private final Selector selector;
    private final PeerCredentials credentials = PeerCredentials.ofPlatform();
    private final FrameScanner scanner = new FrameScanner();
    private final LogPause complaints = new LogPause();
    private final ByteBuffer in = ByteBuffer.allocate(BUFFER_BYTES);
    private final ByteBuffer out = ByteBuffer.allocate(WRITE_BYTES);

    /** The connection; {@code null} while the bus is away. */
    private SocketChannel channel;

    private SelectionKey key;
    private Inbox inbox;
    private long connectedNanos;
    private boolean wasEverConnected;
    private boolean hasSaidAway;
    private long awaySinceNanos;

    /** When the bus was lost, if it ever was. */
    private Instant lost;

    private long nextTryNanos;

    /** The connection as others see it; {@code null} while the bus is away. */
    private volatile ClientLink link;

    /** The number of a connection that is to be closed; others ask for that. */
    private volatile long unwanted;

    private long lastId;
    private volatile boolean isStopping;

    ClientLoop(
            Path socket,
            ReceiverSlot slot,
            EmitQueue queue,
            Supplier<ClientSettings> settings,
            Backoff backoff,
            ClientCounters counters,
            ConnectionWatch watch,
            Log log)
            throws IOException {
        this.socket = socket;
        this.slot = slot;
        this.queue = queue;
        this.settings = settings;
        this.backoff = backoff;
        this.counters = counters;
        this.watch = watch;
        this.log = log;
        this.selector = Selector.open();
    }

    /** Whether the bus is there. */
    boolean isConnected() {
        return link != null;
    }

    /** The connection to the bus; {@code null} while that is away. */
    ClientLink link() {
        return link;
    }

    /** Has the loop close the connection with this number, if it is still there, and connect again. */
    void disconnect(long id) {
        unwanted = id;
        selector.wakeup();
    }

    /** Has the loop look at the queue. */
    void wakeUp() {
        selector.wakeup();
    }

    /** Ends the loop: what waits is still written for up to two seconds if the bus is there and takes it. */
    void stop() {
        isStopping = true;
        selector.wakeup();
    }

    @Override
    public void run() {
        nextTryNanos = System.nanoTime();
        awaySinceNanos = nextTryNanos;
        try {
            while (!isStopping) {
                guardedTurn(Long.MAX_VALUE);
            }
            long begin = System.nanoTime();
            for (long left = FLUSH_NANOS;
                    channel != null && queue.frames() > 0 && left > 0;
                    left = FLUSH_NANOS - (System.nanoTime() - begin)) {
                guardedTurn(left);
            }
        } finally {
            close();
            queue.abandon();
            int givenUp = queue.frames();
            if (givenUp > 0) {
                log.warn(
                        "{} messages for the bus on {} are given up: it did not take them before the stop{}",
                        givenUp,
                        socket,
                        BusSocket.keyValues(socket).and("messages", givenUp));
            }
        }
    }

    private void guardedTurn(long maxNanos) {
        try {
            turn(maxNanos);
        } catch (IOException | RuntimeException | Error e) {
            log.error("The bus client's loop failed: it goes on, and this is a defect to be reported", e);
            LockSupport.parkNanos(FAILURE_PAUSE_NANOS); // what fails at once again would fill the log
        }
    }

    private void turn(long maxNanos) throws IOException {
        long now = System.nanoTime();
        if (channel == null && now - nextTryNanos >= 0 && !isStopping) {
            connect(now);
        }
        long nanos = Math.min(maxNanos, channel == null ? Math.max(0, nextTryNanos - now) : Long.MAX_VALUE);
        selector.select(nanos == Long.MAX_VALUE ? 0 : TimeUnit.NANOSECONDS.toMillis(nanos) + 1);
        selector.selectedKeys().clear();
        if (channel == null) {
            return;
        }
        now = System.nanoTime();
        if (unwanted == lastId) {
            lose("disconnected by an operator", now);
            return;
        }
        try {
            read(now);
            write();
        } catch (IOException e) {
            lose(e.getMessage(), now);
        }
    }

    private void connect(long now) {
        SocketChannel opened = null;
        try {
            opened = SocketChannel.open(StandardProtocolFamily.UNIX);
            opened.configureBlocking(false);
            if (!opened.connect(UnixDomainSocketAddress.of(socket))) {
                throw new IOException("it has no room for another client");
            }
            // Ready at once: what was emitted while the bus was away goes out.
            key = opened.register(selector, SelectionKey.OP_READ | SelectionKey.OP_WRITE);
        } catch (IOException e) {
            closeQuietly(opened);
            retry(now);
            if (!hasSaidAway) {
                hasSaidAway = true;
                log.warn(
                        "No bus on '{}' ({}): what is emitted is kept, up to {} messages or {} bytes, and the connection is"
                                + " tried until it is there{}",
                        socket,
                        e.getMessage(),
                        settings.get().queueMessages(),
                        settings.get().queueBytes(),
                        BusSocket.keyValues(socket).and("reason", e.getMessage()));
            }
            return;
        }
        channel = opened;
        inbox = new Inbox(scanner, slot, settings.get().maxFrameBytes(), counters, complaints, log);
        connectedNanos = now;
        link = new ClientLink(++lastId, peer(), counters);
        watch.connected();
        if (wasEverConnected) {
            counters.reconnects.increment();
            tellOfGap();
        }
        long awayMillis = TimeUnit.NANOSECONDS.toMillis(now - awaySinceNanos);
        int waiting = queue.frames();
        log.info(
                "{} to the bus on {}, {} ms after it was {}; {} messages waited for it{}",
                wasEverConnected ? "Connected again" : "Connected",
                socket,
                awayMillis,
                wasEverConnected ? "lost" : "first tried",
                waiting,
                BusSocket.keyValues(socket).and("away_ms", awayMillis).and("messages", waiting));
        wasEverConnected = true;
        hasSaidAway = false;
    }

    private Peer peer() {
        try {
            return credentials
                    .of(channel)
                    .map(peer -> new Peer(peer.user().getName(), peer.group().getName()))
                    .orElse(Peer.UNKNOWN);
        } catch (IOException alreadyGone) {
            return Peer.UNKNOWN; // the next read says so
        }
    }

    private void tellOfGap() {
        Instant back = Instant.now();
        slot.enter();
        try {
            Receiver receiver = slot.receiver();
            if (receiver != null) {
                receiver.missed(lost, back.isBefore(lost) ? lost : back);
            }
        } finally {
            slot.exit();
        }
    }

    private void read(long now) throws IOException {
        in.clear();
        int count;
        try {
            count = channel.read(in);
        } catch (IOException e) {
            count = -1;
        }
        slot.enter();
        try {
            if (count > 0) {
                counters.bytesIn.add(count);
                backoff.reset(); // somebody is there who serves us
                inbox.take(in.array(), count, now);
            } else if (count < 0) {
                inbox.takeLast();
            }
        } finally {
            slot.exit();
        }
        if (count < 0) {
            throw new IOException("closed by the other end");
        }
    }

    /** Writes one buffer's worth, so that reading has its turn again; the rest when the socket is ready. */
    private void write() throws IOException {
        out.clear();
        queue.fill(out);
        out.flip();
        if (out.hasRemaining()) {
            int count = channel.write(out);
            counters.bytesOut.add(count);
            counters.framesOut.add(queue.wrote(count));
        }
        int ops = SelectionKey.OP_READ | (queue.frames() > 0 ? SelectionKey.OP_WRITE : 0);
        if (key.interestOps() != ops) {
            key.interestOps(ops);
        }
    }

    private void lose(String reason, long now) {
        close();
        queue.rewind();
        awaySinceNanos = now;
        lost = Instant.now();
        watch.lost(reason);
        if (now - connectedNanos >= settings.get().reconnectLongest().toNanos()) {
            backoff.reset();
        }
        retry(now);
        if (!isStopping) {
            hasSaidAway = true;
            log.warn(
                    "The bus on {} is gone ({}): what is emitted is kept until it is back; messages on their way to it"
                            + " may be lost{}",
                    socket,
                    reason,
                    BusSocket.keyValues(socket).and("reason", reason));
        }
    }

    private void retry(long now) {
        ClientSettings limits = settings.get();
        nextTryNanos = now
                + backoff.next(limits.reconnectFirst(), limits.reconnectLongest())
                        .toNanos();
    }

    /** Closes the connection, and at the end the selector with it. */
    private void close() {
        link = null;
        closeQuietly(channel);
        channel = null;
        if (isStopping) {
            try {
                selector.close();
            } catch (IOException e) {
                log.warn("The selector of the bus client could not be closed", e);
            }
        }
    }

    private void closeQuietly(SocketChannel closeable) {
        if (closeable == null) {
            return;
        }
        try {
            closeable.close();
        } catch (IOException e) {
            log.warn("A connection to the bus on {} could not be closed{}", socket, BusSocket.keyValues(socket), e);
        }
    }
}
