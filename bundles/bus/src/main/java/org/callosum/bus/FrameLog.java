// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;

/**
 * The frames in the order of the bus, each ended by a line break, once for all clients. A client's backlog is a
 * {@link Cursor} into it, so a frame costs the same whether one client waits for it or a hundred.
 *
 * <p>It lies in chunks outside of the heap, from where it is written to sockets without another copy. A chunk that no cursor
 * has before it any more is used again, unless it is among the last bytes that are kept for those who want to know what came.
 *
 * <p><b>Threads.</b> The server's loop.
 */
final class FrameLog {
    /** What one chunk holds, about as much as a socket takes at once; a longer frame gets a chunk of its own length. */
    static final int CHUNK_BYTES = 1 << 18;

    /** How many chunks are kept to be used again; the rest is garbage. */
    private static final int KEPT_CHUNKS = 16;

    private final Deque<ByteBuffer> kept = new ArrayDeque<>(KEPT_CHUNKS);

    private final BusMemory memory;
    private final LongSupplier historyBytes;

    /** The first that may have a cursor, or is kept without one. */
    private Chunk first;

    private Chunk last;

    /**
     * Makes one without frames.
     *
     * @param memory is told what it takes of it
     * @param historyBytes how many bytes are kept without a cursor, by whole chunks: never more than that when a chunk begins, so
     *     one frame that is longer does not stay for as long as nothing else comes behind it
     */
    FrameLog(BusMemory memory, LongSupplier historyBytes) {
        this.memory = memory;
        this.historyBytes = historyBytes;
        memory.spareBy(this::spare);
        last = new Chunk(memoryFor(0), 0, 0, 0);
        first = last;
    }

    /** Adds a frame as it is. */
    void append(ByteBuffer frame) {
        Chunk chunk = chunkFor(frame.remaining() + 1);
        chunk.bytes.put(frame);
        chunk.endFrame();
    }

    /** Adds a frame as it is. */
    void append(byte[] frame, int from, int to) {
        Chunk chunk = chunkFor(to - from + 1);
        chunk.bytes.put(frame, from, to - from);
        chunk.endFrame();
    }

    /** Adds a frame that ends with other bytes. */
    void append(byte[] frame, int from, int to, byte[] ending) {
        Chunk chunk = chunkFor(to - from + ending.length + 1);
        chunk.bytes.put(frame, from, to - from).put(ending);
        chunk.endFrame();
    }

    /** How many bytes were added since the start. */
    long end() {
        return last.start + last.length();
    }

    /** How many frames were added since the start. */
    long frames() {
        return last.firstFrame + last.frames;
    }

    /** How much memory was taken since the start for the chunks before the last one. */
    long memoryEnd() {
        return last.memoryStart;
    }

    /** A cursor that has nothing before it yet. To be closed. */
    Cursor cursorAtEnd() {
        return new Cursor(last, last.length(), frames());
    }

    /** A cursor that has before it what is kept without one; no more, even if another cursor keeps more. To be closed. */
    Cursor cursorAtOldest() {
        Chunk oldest = first;
        while (oldest != last && !isHistory(oldest)) {
            oldest = oldest.next;
        }
        return new Cursor(oldest, 0, oldest.firstFrame);
    }

    private boolean isHistory(Chunk chunk) {
        return end() - chunk.start <= historyBytes.getAsLong();
    }

    private Chunk chunkFor(int bytes) {
        if (last.bytes.remaining() < bytes) {
            Chunk next = new Chunk(memoryFor(bytes), end(), frames(), last.memoryStart + last.bytes.capacity());
            last.next = next;
            last = next;
            reuse();
        }
        return last;
    }

    private ByteBuffer memoryFor(int least) {
        if (least > CHUNK_BYTES) {
            return taken(least, ByteBuffer::allocate); // what is so large is rare, and its memory is not to be kept
        }
        ByteBuffer again = kept.poll();
        return again != null ? again.clear() : taken(CHUNK_BYTES, FrameLog::direct);
    }

    private ByteBuffer taken(int bytes, IntFunction<ByteBuffer> allocation) {
        memory.takeForLog(bytes);
        try {
            return allocation.apply(bytes);
        } catch (OutOfMemoryError e) {
            memory.giveBackOfLog(bytes);
            throw e;
        }
    }

    private static ByteBuffer direct(int bytes) {
        try {
            return ByteBuffer.allocateDirect(bytes);
        } catch (OutOfMemoryError limited) {
            return ByteBuffer.allocate(bytes); // there is a limit of its own to what is outside of the heap
        }
    }

    private void reuse() {
        while (first != last && first.cursors == 0 && !isHistory(first)) {
            if (first.bytes.isDirect() && kept.size() < KEPT_CHUNKS) {
                kept.push(first.bytes);
            } else {
                memory.giveBackOfLog(first.bytes.capacity());
            }
            first = first.next;
        }
    }

    /** Gives up what is only kept. */
    private void spare() {
        memory.giveBackOfLog(kept.size() * CHUNK_BYTES);
        kept.clear();
    }

    /** A stretch of the log. Frames lie whole in it, so each chunk begins with a frame. */
    private static final class Chunk {
        /** Its position is where the next frame goes. */
        final ByteBuffer bytes;

        final long start;
        final long firstFrame;

        /** How much memory the chunks before it took since the start. */
        final long memoryStart;

        int frames;
        int cursors;
        Chunk next;

        Chunk(ByteBuffer bytes, long start, long firstFrame, long memoryStart) {
            this.bytes = bytes;
            this.start = start;
            this.firstFrame = firstFrame;
            this.memoryStart = memoryStart;
        }

        int length() {
            return bytes.position();
        }

        void endFrame() {
            bytes.put((byte) '\n');
            frames++;
        }
    }

    /** How far one client has got. */
    final class Cursor {
        private Chunk chunk;
        private ByteBuffer view;
        private int offset;
        /** How many whole frames were added up to {@link #framesOffset}. */
        private long frame;

        private int framesOffset;

        private Cursor(Chunk chunk, int offset, long frame) {
            this.chunk = chunk;
            this.view = chunk.bytes.duplicate();
            this.offset = offset;
            this.frame = frame;
            this.framesOffset = offset;
            chunk.cursors++;
        }

        /** Keeps nothing any more. */
        void close() {
            chunk.cursors--;
            reuse();
        }

        /** How many bytes were added up to here. */
        long position() {
            return chunk.start + offset;
        }

        /** How many bytes lie before it. */
        long pending() {
            return end() - position();
        }

        /** How much memory was taken since the start for the chunks before the one where it is. */
        long memoryPosition() {
            return chunk.memoryStart;
        }

        /** How many whole frames were added up to here. */
        long frame() {
            frame += lineBreaks(framesOffset, offset);
            framesOffset = offset;
            return frame;
        }

        /** The same, or as it was a while ago, where to know it would mean to count. */
        long frameSeen() {
            return frame;
        }

        /**
         * What lies before it, up to the end of a chunk and no more than a chunk mostly has; without remaining bytes if that is
         * nothing. Valid until the next call.
         */
        ByteBuffer slice() {
            if (offset == chunk.length() && chunk.next != null) {
                chunk.cursors--;
                chunk = chunk.next;
                chunk.cursors++;
                reuse();
                view = chunk.bytes.duplicate();
                offset = 0;
                framesOffset = 0;
            }
            return view.limit(Math.min(chunk.length(), offset + CHUNK_BYTES)).position(offset);
        }

        /** Goes on by this many bytes of the last {@link #slice()}. */
        void advance(int bytes) {
            int to = offset + bytes;
            offset = to;
            if (to == chunk.length()) {
                frame = chunk.firstFrame + chunk.frames;
                framesOffset = to;
            }
        }

        /** What is left of the frame that it stands in; empty if it stands between two. */
        byte[] restOfFrame() {
            if (offset == 0 || chunk.bytes.get(offset - 1) == '\n') {
                return new byte[0];
            }
            int end = offset;
            while (chunk.bytes.get(end++) != '\n') {}
            byte[] rest = new byte[end - offset];
            chunk.bytes.get(offset, rest);
            return rest;
        }

        private int lineBreaks(int from, int to) {
            int count = 0;
            int i = from;
            for (; i + Long.BYTES <= to; i += Long.BYTES) {
                count += EightBytes.count(chunk.bytes.getLong(i), '\n');
            }
            for (; i < to; i++) {
                if (chunk.bytes.get(i) == '\n') {
                    count++;
                }
            }
            return count;
        }
    }
}
