// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * What this runtime emitted and a client's loop has not sent yet, in order. A frame stays until it has gone out whole, so
 * that one that was cut off with its connection is sent again. Bounded; one frame always fits into an empty one.
 *
 * <p><b>Threads.</b> Any thread {@linkplain #offer offers}, several at once; the loop sends.
 */
final class EmitQueue {
    /** What became of an offer. */
    enum Answer {
        /** It was added. */
        ADDED,
        /** It was added, and it is the only one: the loop may be asleep. */
        ADDED_FIRST,
        /** There is no room for it. */
        FULL,
        /** The client has stopped. */
        CLOSED
    }

    // All guarded by this.
    private final Deque<byte[]> frames = new ArrayDeque<>();
    private long bytes;
    private int headWritten;
    private boolean isClosed;
    private boolean isAbandoned;
    /** How many frames were ever added, and how many have gone out. */
    private long added;

    private long gone;
    private int waiting;

    /**
     * Adds a frame.
     *
     * @param frame the frame with its line break; not copied
     */
    synchronized Answer offer(byte[] frame, int maxFrames, long maxBytes) {
        if (isClosed) {
            return Answer.CLOSED;
        }
        boolean isFirst = frames.isEmpty();
        if (!isFirst && (frames.size() >= maxFrames || bytes + frame.length > maxBytes)) {
            return Answer.FULL;
        }
        frames.addLast(frame);
        added++;
        bytes += frame.length;
        return isFirst ? Answer.ADDED_FIRST : Answer.ADDED;
    }

    /** Fills a buffer with what is to be sent next, as much as fits; it stays here until {@link #wrote}. */
    synchronized void fill(ByteBuffer buffer) {
        int from = headWritten;
        for (byte[] frame : frames) {
            int length = Math.min(frame.length - from, buffer.remaining());
            buffer.put(frame, from, length);
            if (!buffer.hasRemaining()) {
                return;
            }
            from = 0;
        }
    }

    /**
     * Is told how much of it was sent.
     *
     * @return how many frames have gone out whole with this
     */
    synchronized int wrote(int count) {
        int whole = 0;
        headWritten += count;
        while (!frames.isEmpty() && headWritten >= frames.getFirst().length) {
            int length = frames.removeFirst().length;
            headWritten -= length;
            bytes -= length;
            whole++;
        }
        gone += whole;
        if (waiting > 0 && whole > 0) {
            notifyAll();
        }
        return whole;
    }

    /** Is told that the connection is gone: a frame that had gone out in part goes out again, whole. */
    synchronized void rewind() {
        headWritten = 0;
    }

    /**
     * Waits until all that was added before has gone out whole.
     *
     * @return whether it has; {@code false} if the time was up before, or no loop sends any more
     */
    synchronized boolean awaitGone(Duration atMost) throws InterruptedException {
        long target = added;
        long begin = System.nanoTime();
        waiting++;
        try {
            for (long left = atMost.toNanos();
                    gone < target && !isAbandoned && left > 0;
                    left = atMost.toNanos() - (System.nanoTime() - begin)) {
                wait(TimeUnit.NANOSECONDS.toMillis(left) + 1);
            }
        } finally {
            waiting--;
        }
        return gone >= target;
    }

    /** How many frames there are. */
    synchronized int frames() {
        return frames.size();
    }

    /** How long they are together. */
    synchronized long bytes() {
        return bytes;
    }

    /** Takes nothing more from now on. */
    synchronized void close() {
        isClosed = true;
    }

    /** Is told that nobody sends any more: what is here stays. */
    synchronized void abandon() {
        isClosed = true;
        isAbandoned = true;
        notifyAll();
    }
}
