// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

import org.callosum.api.Message;
import org.callosum.transport.Receiver;

/**
 * What this runtime emitted and the server's loop has not put into the order yet. Bounded in bytes; one message always
 * fits into an empty one, whatever its length.
 *
 * <p><b>Threads.</b> Any thread {@linkplain #offer offers}, several at once; the loop takes.
 */
final class OwnEmits {
    /**
     * One message of this runtime.
     *
     * @param message the message, with its time stamp
     * @param bytes the length of its JSON text
     * @param reservedAt the receiver that holds its place, {@code null} if none was attached
     */
    record Own(Message message, int bytes, Receiver reservedAt) {}

    private final Queue<Own> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicLong bytes = new AtomicLong();
    private volatile boolean closed;

    /**
     * Adds a message, unless the limit is reached or the server has stopped.
     *
     * @return whether it was added
     */
    boolean offer(Own own, long maxBytes) {
        if (closed || !reserve(own.bytes(), maxBytes)) {
            return false;
        }
        waiting.add(own);
        // Closed meanwhile: either the loop's last look has seen it, or it is still here and can be taken back.
        if (closed && waiting.removeIf(other -> other == own)) {
            bytes.addAndGet(-own.bytes());
            return false;
        }
        return true;
    }

    /** Takes the oldest message away; {@code null} if its emitter took it back first. */
    Own poll() {
        Own own = waiting.poll();
        if (own != null) {
            bytes.addAndGet(-own.bytes());
        }
        return own;
    }

    /** How many bytes wait. */
    long bytes() {
        return bytes.get();
    }

    /** Whether it takes nothing more. */
    boolean isClosed() {
        return closed;
    }

    /** Takes nothing more from now on. */
    void close() {
        closed = true;
    }

    private boolean reserve(int length, long maxBytes) {
        while (true) {
            long before = bytes.get();
            if (before > 0 && before + length > maxBytes) {
                return false;
            }
            if (bytes.compareAndSet(before, before + length)) {
                return true;
            }
        }
    }
}
