// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.remote;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

import org.callosum.remote.wire.Frame;
import org.callosum.remote.wire.FrameChannel;
import org.callosum.remote.wire.FrameType;

/**
 * What goes to a client. Commands put it here and do not write to the socket themselves: a Ctrl-C interrupts their threads, and
 * a thread that is interrupted while it writes to a channel closes it.
 *
 * <p><b>Threads.</b> Any thread puts in; who finds it full waits. {@link #run} writes, on a thread of its own.
 */
final class Outbox implements Runnable {
    /** What may wait for a client that does not read. One write may be longer. */
    private static final int MAX_BYTES = 256 << 10;

    /** What is put into one frame. */
    private static final int FRAME_BYTES = 32 << 10;

    private final FrameChannel channel;

    // Guarded by this.

    private final Deque<Frame> frames = new ArrayDeque<>();
    /** The bytes that came last, and will become the next frame. */
    private byte[] open = new byte[FRAME_BYTES];

    private FrameType openType;
    private int openBytes;
    private long waitingBytes;
    private boolean isLast;
    private boolean isClosed;

    Outbox(FrameChannel channel) {
        this.channel = channel;
    }

    /** A stream of bytes that go in frames of this type. Closing it does nothing. */
    OutputStream stream(FrameType type) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                put(type, new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                put(type, bytes, from, length);
            }
        };
    }

    /** Puts a frame behind what is there, without waiting. */
    synchronized void put(Frame frame) {
        seal();
        frames.add(frame);
        notifyAll();
    }

    /** Puts the last frame in: when it is written {@link #run} returns. */
    synchronized void end(Frame frame) {
        put(frame);
        isLast = true;
    }

    /** Takes and writes nothing any more. */
    synchronized void close() {
        isClosed = true;
        frames.clear();
        openBytes = 0;
        notifyAll();
    }

    @Override
    public void run() {
        try {
            for (Frame frame = next(); frame != null; frame = next()) {
                channel.write(frame);
            }
        } catch (IOException e) {
            // The client is gone: who reads from it notices, too.
        } finally {
            close();
        }
    }

    private synchronized void put(FrameType type, byte[] bytes, int from, int length) throws IOException {
        int at = from;
        int left = length;
        while (left > 0) {
            awaitRoom();
            if (openBytes > 0 && openType != type) {
                seal();
            }
            openType = type;
            int part = Math.min(left, open.length - openBytes);
            System.arraycopy(bytes, at, open, openBytes, part);
            openBytes += part;
            waitingBytes += part;
            at += part;
            left -= part;
            if (openBytes == open.length) {
                seal();
            }
            notifyAll();
        }
    }

    private void awaitRoom() throws IOException {
        while (!isClosed && waitingBytes >= MAX_BYTES) {
            try {
                wait();
            } catch (InterruptedException e) {
                throw new InterruptedIOException("Interrupted while the client did not read");
            }
        }
        if (isClosed) {
            throw new IOException("The client is gone");
        }
    }

    private void seal() {
        if (openBytes > 0) {
            frames.add(new Frame(openType, Arrays.copyOf(open, openBytes)));
            openBytes = 0;
        }
    }

    private synchronized Frame next() {
        while (frames.isEmpty() && openBytes == 0 && !isLast && !isClosed) {
            try {
                wait();
            } catch (InterruptedException nobodyDoesThat) {
                return null;
            }
        }
        if (isClosed) {
            return null;
        }
        if (frames.isEmpty()) {
            seal();
        }
        Frame frame = frames.poll();
        if (frame != null && (frame.type() == FrameType.OUTPUT || frame.type() == FrameType.ERROR)) {
            waitingBytes -= frame.bytes().length;
            notifyAll();
        }
        return frame;
    }
}
