// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;

/**
 * What one client of a server still has to get, and how it takes it. It either gets what the log has from its cursor on;
 * or it is send-only, because it has never read, and gets nothing until it does; or it is deaf, because its end takes
 * nothing any more. When that changes is a matter of {@link Stragglers}.
 */
final class Outbox {
    private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);

    /** What is written to one client before the others have their turn again. */
    private static final int TURN_BYTES = 1 << 20;

    private final SocketChannel channel;
    private final FrameLog log;
    private final ServerCounters counters;
    private final BacklogAge age = new BacklogAge();

    /** More than the socket's buffer can hold: whoever took this much has read some of it. */
    private final long provesReadingBytes;

    /** Where the client is in the log; {@code null} while it is send-only or deaf. */
    private FrameLog.Cursor cursor;

    /** The rest of a frame that had begun to go out when the backlog was dropped. */
    private ByteBuffer remainder = NO_BYTES;

    /** Where the memory for that is from. */
    private Room remainderRoom = Room.ENDLESS;

    private boolean isDeaf;
    private boolean isBlocked;
    private boolean wasBlocked;
    private long firstBlockedNanos;
    private boolean hasRead;
    private long writtenBytes;
    private long writtenFrames;
    private long progressNanos;
    private long droppedUpToFrame;
    private long dropped;

    /**
     * Makes one that gets what comes from a place in the log on.
     *
     * @param place is this one's from now on, unless it cannot be made
     */
    Outbox(SocketChannel channel, FrameLog log, FrameLog.Cursor place, ServerCounters counters) throws IOException {
        this.channel = channel;
        this.log = log;
        this.counters = counters;
        // On Linux the buffer takes twice what the JDK says it does, and then one more piece.
        this.provesReadingBytes = 4L * channel.getOption(StandardSocketOptions.SO_SNDBUF);
        this.cursor = place;
    }

    /**
     * Has it get what the log has kept, too. Before the first write.
     *
     * @return how many frames of the log are before that
     */
    long rewind() {
        cursor.close();
        cursor = log.cursorAtOldest();
        return cursor.frame();
    }

    /** Writes what waits, as far as the socket takes it at once. */
    void write(long nowNanos) {
        try {
            int turn = 0;
            for (ByteBuffer out = nextOut(); out.hasRemaining() && turn < TURN_BYTES; out = nextOut()) {
                int count = channel.write(out);
                if (count > 0) {
                    turn += count;
                    progress(count, nowNanos);
                }
                if (out.hasRemaining()) {
                    block(nowNanos);
                    break;
                }
                isBlocked &=
                        isSendOnly(); // else a socket that nothing waits for would be watched by nobody, and stay so
            }
        } catch (IOException e) {
            // The client's end takes nothing any more. What it has sent before is still to be read.
            becomeDeaf();
        }
        age.update(pendingBytes(), position(), log.end(), nowNanos);
    }

    /** Is told that the socket takes bytes again. */
    void unblock() {
        isBlocked = false;
    }

    /** Whether the socket took less than there was, and has not said yet that it takes more. */
    boolean isBlocked() {
        return isBlocked;
    }

    /** Whether something waits, or it has to be noticed when the client begins to read. */
    boolean waitsForSocket() {
        return !isDeaf && (isSendOnly() || pendingBytes() > 0);
    }

    /** How many bytes wait. */
    long pendingBytes() {
        return remainder.remaining() + (cursor == null ? 0 : cursor.pending());
    }

    /** How long the oldest of them has waited at most; empty if nothing waits. */
    Optional<Duration> oldestPending(long nowNanos) {
        return pendingBytes() == 0 ? Optional.empty() : age.oldest(nowNanos);
    }

    /** How many bytes went out. */
    long writtenBytes() {
        return writtenBytes;
    }

    /** How many frames went out whole. */
    long writtenFrames() {
        countAll();
        return writtenFrames;
    }

    /** How many frames were dropped because the client has never read. */
    long droppedFrames() {
        return dropped + (isSendOnly() ? log.frames() - droppedUpToFrame : 0);
    }

    /** Up to where in the log the client has got; {@link Long#MAX_VALUE} if it gets nothing. */
    long position() {
        return cursor == null ? Long.MAX_VALUE : cursor.position();
    }

    /** Whether the client has read anything since it connected, as far as can be told. */
    boolean hasRead() {
        return hasRead;
    }

    /** When the socket was full for the first time; the loop's clock. */
    long firstBlockedNanos() {
        return firstBlockedNanos;
    }

    /** How much memory was taken for the log before the chunk where the client has got to; likewise. */
    long memoryPosition() {
        return cursor == null ? Long.MAX_VALUE : cursor.memoryPosition();
    }

    /** When the client last took something; the loop's clock. */
    long progressNanos() {
        return progressNanos;
    }

    /** Whether the client gets nothing, because it has never read. */
    boolean isSendOnly() {
        return cursor == null && !isDeaf;
    }

    /** Whether the client's end takes nothing any more: it is there only until all that it has sent was read. */
    boolean isDeaf() {
        return isDeaf;
    }

    /**
     * Drops what waits and what comes, until the client reads. A frame that has begun to go out still goes out whole.
     *
     * @param room for the rest of that frame
     * @return {@code false} if there is none: it stays as it is
     */
    boolean becomeSendOnly(Room room) {
        byte[] rest = cursor.restOfFrame();
        if (!room.take(rest.length)) {
            return false;
        }
        countAll();
        remainder = ByteBuffer.wrap(rest);
        remainderRoom = room;
        droppedUpToFrame = cursor.frame() + (remainder.hasRemaining() ? 1 : 0);
        leaveLog();
        isBlocked = true; // it is tried again when its socket says so
        return true;
    }

    /** What to write next: the rest of a frame before the log. */
    private ByteBuffer nextOut() {
        if (remainder.hasRemaining()) {
            // Not all at once: the JDK takes as much memory again outside of the heap, and keeps it.
            return remainder.slice(remainder.position(), Math.min(remainder.remaining(), FrameLog.CHUNK_BYTES));
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
        dropped = droppedFrames();
        hasRead = true;
        cursor = log.cursorAtEnd();
    }

    private void progress(int count, long nowNanos) {
        writtenBytes += count;
        counters.bytesOut.add(count);
        if (remainder.hasRemaining()) {
            remainder.position(remainder.position() + count);
            if (!remainder.hasRemaining()) {
                dropRemainder();
                writtenFrames++;
                counters.framesOut.increment();
            }
        } else {
            long before = cursor.frameSeen();
            cursor.advance(count);
            countFrames(cursor.frameSeen() - before);
        }
        hasRead |= wasBlocked || writtenBytes > provesReadingBytes;
        progressNanos = nowNanos;
    }

    /** Counts those, too, that it would have cost something to count when they were written. */
    private void countAll() {
        if (cursor != null) {
            long before = cursor.frameSeen();
            countFrames(cursor.frame() - before);
        }
    }

    private void countFrames(long frames) {
        writtenFrames += frames;
        counters.framesOut.add(frames);
    }

    private void block(long nowNanos) {
        isBlocked = true;
        if (!wasBlocked) {
            wasBlocked = true;
            firstBlockedNanos = nowNanos;
        }
    }

    /** Is told that its client is gone. */
    void close() {
        dropRemainder();
        leaveLog();
    }

    private void leaveLog() {
        if (cursor != null) {
            cursor.close();
            cursor = null;
        }
    }

    private void becomeDeaf() {
        dropped = droppedFrames();
        isDeaf = true;
        leaveLog();
        dropRemainder();
        isBlocked = false;
    }

    private void dropRemainder() {
        remainderRoom.giveBack(remainder.capacity());
        remainder = NO_BYTES;
    }
}
