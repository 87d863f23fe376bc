// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Instant;

/**
 * One connection to a server: what it has sent and the bus has not taken yet, and what it still has to get. How it is
 * judged when it does not read is a matter of {@link Stragglers}.
 */
final class ServedClient {
    private static final byte[] NOTHING = {};
    private static final ByteBuffer NO_BYTES = ByteBuffer.wrap(NOTHING);

    /** What is written to one client before the others have their turn again. */
    private static final int TURN_BYTES = 1 << 20;

    private static final int MAX_NAME = 100;

    private final long id;
    private final String user;
    private final Instant since = Instant.now();
    private final SocketChannel channel;
    private final SelectionKey key;
    private final FrameLog log;
    private final ServerCounters counters;
    private final FrameSplitter splitter;
    private final LogPause complaints = new LogPause();

    /** More than the socket's buffer can hold: whoever took this much has read some of it. */
    private final long provesReadingBytes;

    /** What was read and not taken, because the senders were held back. */
    private byte[] unread = NOTHING;

    private boolean hasEnded;
    private long framesIn;
    private String lastTract;
    private String lastEvent;

    /** Where it is in the log; {@code null} while it gets nothing: send-only, or its end is closed for reading. */
    private FrameLog.Cursor cursor;

    /** The rest of a frame that had begun to go out when the backlog was dropped. */
    private ByteBuffer remainder = NO_BYTES;

    private boolean isDeaf;
    private boolean isBlocked;
    private boolean wasBlocked;
    private long firstBlockedNanos;
    private boolean hasRead;
    private long written;
    private long progressNanos;
    private long droppedUpToFrame;

    ServedClient(
            long id,
            String user,
            SocketChannel channel,
            SelectionKey key,
            FrameLog log,
            ServerCounters counters,
            int maxFrameBytes)
            throws IOException {
        this.id = id;
        this.user = user;
        this.channel = channel;
        this.key = key;
        this.log = log;
        this.counters = counters;
        this.splitter = new FrameSplitter(maxFrameBytes);
        // On Linux the buffer takes twice what the JDK says it does, and then one more piece.
        this.provesReadingBytes = 4L * channel.getOption(StandardSocketOptions.SO_SNDBUF);
        this.cursor = log.cursorAtEnd();
    }

    /** Who it is, for a log line. */
    @Override
    public String toString() {
        return "client " + id + " (user " + user
                + (lastTract == null ? ", has sent nothing)" : ", last sent " + lastFrame() + ")");
    }

    // --- what it sends

    /**
     * Reads once and gives what came to the splitter.
     *
     * @return how many bytes came; -1 if it has ended
     */
    int read(ByteBuffer buffer) throws IOException {
        buffer.clear();
        int count = channel.read(buffer);
        if (count > 0) {
            splitter.feed(buffer.array(), 0, count);
        }
        return count;
    }

    /** Cuts what it sends into lines. */
    FrameSplitter splitter() {
        return splitter;
    }

    /** Keeps what was read and not taken until {@link #continueUnread()}. */
    void keepUnread() {
        unread = splitter.takeRest();
    }

    /** Gives the splitter what was kept. */
    void continueUnread() {
        splitter.feed(unread, 0, unread.length);
        unread = NOTHING;
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
        lastTract = tract;
        lastEvent = event;
    }

    /** Keeps complaints about what it sends from filling the log. */
    LogPause complaints() {
        return complaints;
    }

    // --- what it gets

    /**
     * Writes what waits for it, as far as its socket takes it at once.
     *
     * @return whether it has taken anything
     */
    boolean write(long nowNanos) {
        int turn = 0;
        try {
            for (ByteBuffer out = nextOut(); out.hasRemaining() && turn < TURN_BYTES; out = nextOut()) {
                int count = channel.write(out);
                if (count > 0) {
                    turn += count;
                    progress(out, count, nowNanos);
                }
                if (out.hasRemaining()) {
                    block(nowNanos);
                    break;
                }
            }
        } catch (IOException e) {
            // It does not listen any more. What it has sent before is still to be read, up to its end.
            becomeDeaf();
        }
        return turn > 0;
    }

    /** Is told that its socket takes bytes again. */
    void unblock() {
        isBlocked = false;
    }

    /** Whether its socket took less than there was, and has not said yet that it takes more. */
    boolean isBlocked() {
        return isBlocked;
    }

    /** Whether something waits for it, or it has to be noticed when it begins to read. */
    boolean waitsForSocket() {
        return !isDeaf && (isSendOnly() || pendingBytes() > 0);
    }

    /** How many bytes wait for it. */
    long pendingBytes() {
        return remainder.remaining() + (cursor == null ? 0 : cursor.pending());
    }

    /** Up to where in the log it has got; {@link Long#MAX_VALUE} if it gets nothing. */
    long position() {
        return cursor == null ? Long.MAX_VALUE : cursor.position();
    }

    /** Whether it has read anything since it connected. */
    boolean hasRead() {
        return hasRead;
    }

    /** When its socket was full for the first time; the loop's clock. */
    long firstBlockedNanos() {
        return firstBlockedNanos;
    }

    /** When it last took something; the loop's clock. */
    long progressNanos() {
        return progressNanos;
    }

    /** Whether it gets nothing, because it has never read. */
    boolean isSendOnly() {
        return cursor == null && !isDeaf;
    }

    /** Whether its end takes nothing any more: it is there only until all that it has sent was read. */
    boolean isDeaf() {
        return isDeaf;
    }

    /** Drops what waits for it and what comes, until it reads. A frame that has begun to go out still goes out whole. */
    void becomeSendOnly() {
        remainder = ByteBuffer.wrap(cursor.restOfFrame());
        droppedUpToFrame = cursor.frame() + (remainder.hasRemaining() ? 1 : 0);
        cursor = null;
        isBlocked = true; // it is tried again when its socket says so
    }

    /** Counts the frames that it missed since the last count. */
    void countDropped() {
        if (isSendOnly()) {
            counters.droppedSendOnly.add(log.frames() - droppedUpToFrame);
            droppedUpToFrame = log.frames();
        }
    }

    // --- the connection

    /** Sets what its socket is watched for. */
    void watch(boolean reading) {
        int ops = (reading && !hasEnded ? SelectionKey.OP_READ : 0) | (waitsForSocket() ? SelectionKey.OP_WRITE : 0);
        if (key.interestOps() != ops) {
            key.interestOps(ops);
        }
    }

    /** Closes it; gives what is remembered of it. */
    ClosedConnection close(String reason) {
        countDropped();
        ClosedConnection closed = new ClosedConnection(
                id, user, since, Instant.now(), reason, pendingBytes(), framesIn, lastTract == null ? "" : lastFrame());
        key.cancel();
        try {
            channel.close();
        } catch (IOException e) {
            // It is closed as far as it can be; nothing depends on it any more.
        }
        return closed;
    }

    /** What to write next: the rest of a frame before the log. */
    private ByteBuffer nextOut() {
        if (remainder.hasRemaining()) {
            return remainder;
        }
        if (cursor != null) {
            return cursor.slice();
        }
        if (!isDeaf && !isBlocked) {
            join();
        }
        return NO_BYTES;
    }

    /** A send-only client has begun to read: it gets what comes from now on. */
    private void join() {
        countDropped();
        hasRead = true;
        cursor = log.cursorAtEnd();
    }

    private void progress(ByteBuffer out, int count, long nowNanos) {
        written += count;
        counters.bytesOut.add(count);
        if (out == remainder) {
            if (!remainder.hasRemaining()) {
                remainder = NO_BYTES;
                counters.framesOut.increment();
            }
        } else {
            long before = cursor.frame();
            cursor.advance(count);
            counters.framesOut.add(cursor.frame() - before);
        }
        hasRead |= wasBlocked || written > provesReadingBytes;
        progressNanos = nowNanos;
    }

    private void block(long nowNanos) {
        isBlocked = true;
        if (!wasBlocked) {
            wasBlocked = true;
            firstBlockedNanos = nowNanos;
        }
    }

    private void becomeDeaf() {
        isDeaf = true;
        cursor = null;
        remainder = NO_BYTES;
        isBlocked = false;
    }

    private String lastFrame() {
        return Excerpt.of(shortened(lastTract)) + "/" + Excerpt.of(shortened(lastEvent));
    }

    private static String shortened(String name) {
        return name.length() > 2 * MAX_NAME ? name.substring(0, 2 * MAX_NAME) : name;
    }
}
