// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The frames in the order of the bus, each ended by a line break, once for all clients. A client's backlog is a
 * {@link Cursor} into it, so a frame costs the same whether one client waits for it or a hundred, and what no cursor
 * has before it any more is garbage.
 */
final class FrameLog {
    /** What one chunk holds; a longer frame gets a chunk of its own length. */
    static final int CHUNK_BYTES = 1 << 16;

    private static final byte[] LINE_BREAK = {'\n'};

    private Chunk last = new Chunk(CHUNK_BYTES, 0, 0);

    /** Adds a frame as it is. */
    void append(ByteBuffer frame) {
        Chunk chunk = chunkFor(frame.remaining() + 1);
        int length = frame.remaining();
        frame.get(chunk.bytes, chunk.length, length);
        chunk.length += length;
        chunk.add(LINE_BREAK, 0, 1);
        chunk.frames++;
    }

    /** Adds a frame as it is. */
    void append(byte[] frame, int from, int to) {
        Chunk chunk = chunkFor(to - from + 1);
        chunk.add(frame, from, to);
        chunk.add(LINE_BREAK, 0, 1);
        chunk.frames++;
    }

    /** How many bytes were added since the start. */
    long end() {
        return last.start + last.length;
    }

    /** How many frames were added since the start. */
    long frames() {
        return last.firstFrame + last.frames;
    }

    /** A cursor that has nothing before it yet. */
    Cursor cursorAtEnd() {
        return new Cursor();
    }

    private Chunk chunkFor(int bytes) {
        if (last.bytes.length - last.length < bytes) {
            last.next = new Chunk(Math.max(CHUNK_BYTES, bytes), end(), frames());
            last = last.next;
        }
        return last;
    }

    /** A stretch of the log. Frames lie whole in it, so each chunk begins with a frame. */
    private static final class Chunk {
        final byte[] bytes;
        final long start;
        final long firstFrame;
        int length;
        int frames;
        Chunk next;

        Chunk(int capacity, long start, long firstFrame) {
            this.bytes = new byte[capacity];
            this.start = start;
            this.firstFrame = firstFrame;
        }

        void add(byte[] from, int begin, int end) {
            System.arraycopy(from, begin, bytes, length, end - begin);
            length += end - begin;
        }
    }

    /** How far one client has got. */
    final class Cursor {
        private Chunk chunk = last;
        private int offset = last.length;
        private long frame = frames();

        private Cursor() {}

        /** How many bytes were added up to here. */
        long position() {
            return chunk.start + offset;
        }

        /** How many bytes lie before it. */
        long pending() {
            return end() - position();
        }

        /** How many whole frames were added up to here. */
        long frame() {
            return frame;
        }

        /** What lies before it, up to the end of a chunk; without remaining bytes if that is nothing. */
        ByteBuffer slice() {
            if (offset == chunk.length && chunk.next != null) {
                chunk = chunk.next;
                offset = 0;
            }
            return ByteBuffer.wrap(chunk.bytes, offset, chunk.length - offset);
        }

        /** Goes on by this many bytes of the last {@link #slice()}. */
        void advance(int bytes) {
            int to = offset + bytes;
            frame = to == chunk.length ? chunk.firstFrame + chunk.frames : frame + lineBreaks(offset, to);
            offset = to;
        }

        /** What is left of the frame that it stands in; empty if it stands between two. */
        byte[] restOfFrame() {
            if (offset == 0 || chunk.bytes[offset - 1] == '\n') {
                return new byte[0];
            }
            int end = offset;
            while (chunk.bytes[end++] != '\n') {}
            return Arrays.copyOfRange(chunk.bytes, offset, end);
        }

        private int lineBreaks(int from, int to) {
            int count = 0;
            for (int i = from; i < to; i++) {
                if (chunk.bytes[i] == '\n') {
                    count++;
                }
            }
            return count;
        }
    }
}
