// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Instant;
import java.util.Optional;

import org.callosum.api.KeyValues;
import org.callosum.transport.ConnectionStatus;
import org.callosum.transport.ConnectionStatus.State;

/** One connection to a server: who it is, and what it has sent. What it still has to get is its {@link Outbox}. */
final class ServedClient {
    /** What is kept of a tract's or an event's name, in characters: an excerpt shows less. */
    private static final int KEPT_NAME = 250;

    /** What is read at once from one whose last read brought no frame: a flood of nothing is not to cost the others their time. */
    private static final int FRUITLESS_READ_BYTES = 1 << 15;

    private final long id;
    private final Peer peer;
    private final PeerProcesses processes;
    private final Instant since = Instant.now();
    private final SocketChannel channel;
    private final SelectionKey key;
    private final Outbox outbox;
    private final Room room;
    private final FrameSplitter splitter;
    private final LogPause complaints = new LogPause();
    private final TractCounts tracts = new TractCounts();

    private boolean hasEnded;
    private boolean isPaused;
    private long framesIn;
    private long bytesIn;
    private long invalid;

    /** How many frames of it had been taken at its last read; -1 before the first. */
    private long framesAtRead = -1;

    private String lastTract;
    private String lastEvent;

    /**
     * Makes one.
     *
     * @param id its number, counted from the server's start
     * @param processes knows its process, once somebody has looked
     * @param key its channel's registration with the loop's selector
     * @param memory of all clients, for what it has begun to send
     */
    ServedClient(
            long id,
            Peer peer,
            PeerProcesses processes,
            SocketChannel channel,
            SelectionKey key,
            Outbox outbox,
            BusMemory memory,
            int maxFrameBytes) {
        this.id = id;
        this.peer = peer;
        this.processes = processes;
        this.channel = channel;
        this.key = key;
        this.outbox = outbox;
        this.room = memory.of(this);
        this.splitter = new FrameSplitter(maxFrameBytes, room);
    }

    /** Who it is, for a log line. */
    @Override
    public String toString() {
        return "client " + id + " (user " + peer.user()
                + (lastTract == null ? ", has sent nothing)" : ", last sent " + lastFrame() + ")");
    }

    /** What the end of a log line names it by: as the fact of the tract {@code runtime} does. */
    KeyValues keyValues() {
        KeyValues who = KeyValues.of("client", id).and(peer.keyValues());
        return processes
                .of(id)
                .map(process -> who.and("pid", process.pid()).and("process", process.command()))
                .orElse(who);
    }

    /** The same, with what waits for it. */
    KeyValues keyValuesWithBacklog() {
        return keyValues().and("backlog_bytes", outbox.pendingBytes());
    }

    /** What it still has to get. */
    Outbox outbox() {
        return outbox;
    }

    /**
     * Reads once and gives what came to the splitter.
     *
     * @return how many bytes came; -1 if it has ended
     */
    int read(ByteBuffer buffer) throws IOException {
        buffer.clear();
        if (framesIn == framesAtRead) {
            buffer.limit(Math.min(buffer.capacity(), FRUITLESS_READ_BYTES));
        }
        framesAtRead = framesIn;
        int count = channel.read(buffer);
        if (count > 0) {
            bytesIn += count;
            splitter.feed(buffer.array(), 0, count);
        }
        return count;
    }

    /**
     * Drops what waits for it and what comes, until it reads.
     *
     * @return {@code false} if there is no room for the rest of the frame that has begun to go out
     */
    boolean becomeSendOnly() {
        return outbox.becomeSendOnly(room);
    }

    /** Cuts what it sends into lines. */
    FrameSplitter splitter() {
        return splitter;
    }

    /** Is told that it has sent its last byte. */
    void end() {
        hasEnded = true;
    }

    /** Whether it has sent its last byte. */
    boolean hasEnded() {
        return hasEnded;
    }

    /** Is told that a frame of it was taken. */
    void took(String tract, String event) {
        framesIn++;
        lastTract = shortened(tract);
        lastEvent = shortened(event);
        tracts.count(lastTract);
    }

    /** Is told that a frame of it was none. */
    void sentInvalid() {
        invalid++;
    }

    /** Its number, counted from the server's start. */
    long id() {
        return id;
    }

    /**
     * How it stands.
     *
     * @param holdsUp whether the senders wait for it
     */
    ConnectionStatus status(boolean holdsUp, long nowNanos) {
        State state = holdsUp ? State.HOLDS_UP : outbox.isSendOnly() ? State.SEND_ONLY : State.OPEN;
        return status(outbox.isDeaf() ? State.LEAVING : state, Optional.empty(), "", nowNanos);
    }

    /** Keeps complaints about what it sends from filling the log. */
    LogPause complaints() {
        return complaints;
    }

    /** Is told whether it is not to be read from for now. */
    void pause(boolean isPaused) {
        this.isPaused = isPaused;
    }

    /** Sets what its socket is watched for. */
    void watch() {
        int ops = (isPaused || hasEnded ? 0 : SelectionKey.OP_READ)
                | (outbox.waitsForSocket() ? SelectionKey.OP_WRITE : 0);
        if (key.isValid() && key.interestOps() != ops) {
            key.interestOps(ops);
        }
    }

    /** Closes it; gives what is remembered of it. */
    ConnectionStatus close(String reason, long nowNanos) {
        ConnectionStatus closed = status(State.CLOSED, Optional.of(Instant.now()), reason, nowNanos);
        outbox.close();
        splitter.close();
        key.cancel();
        try {
            channel.close();
        } catch (IOException e) {
            // It is closed as far as it can be; nothing depends on it any more.
        }
        return closed;
    }

    private ConnectionStatus status(State state, Optional<Instant> until, String reason, long nowNanos) {
        return new ConnectionStatus(
                id,
                peer.user(),
                peer.group(),
                processes.of(id),
                state,
                since,
                until,
                reason,
                framesIn,
                bytesIn,
                invalid,
                splitter.tooLong(),
                splitter.pendingBytes(),
                outbox.writtenFrames(),
                outbox.writtenBytes(),
                outbox.droppedFrames(),
                outbox.pendingBytes(),
                outbox.oldestPending(nowNanos),
                tracts.list(),
                lastTract == null ? "" : lastTract + "/" + lastEvent);
    }

    private String lastFrame() {
        return Excerpt.ofSent(lastTract) + "/" + Excerpt.ofSent(lastEvent);
    }

    private static String shortened(String name) {
        return name.length() > KEPT_NAME ? name.substring(0, KEPT_NAME) : name;
    }
}
