// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.bridge;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.callosum.api.Message;

/**
 * What was received and is not yet dispatched, in order, bounded in bytes: {@code dispatch.md}, rows 'reading the bus' and
 * 'emitting while all is full'.
 *
 * <p>Messages from the bus are taken while less than the capacity is in it. What this runtime emits gets its place before it
 * is sent, and up to an allowance beyond the capacity: it may come from the very handler that the queue waits for.
 *
 * <p><b>Threads.</b> One thread takes; any thread adds, reserves and asks. One lock guards everything; nothing is called
 * while it is held.
 */
public final class MessageQueue {
    /** What a message takes besides its text, about: the objects around it. */
    static final long OVERHEAD_BYTES = 200;

    private record Queued(Message message, long bytes, long sinceNanos) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Queued> messages = new ArrayDeque<>();

    private long capacityBytes;
    private long allowanceBytes;
    private long queuedBytes;
    private long reservedBytes;

    /** Whether somebody was told that there is no room, and not yet that there is again. */
    private boolean starving;

    /** Whether the thread that takes works on what it took. */
    private boolean busy;

    /** Takes nothing from the bus any more. */
    private boolean closing;

    /** Gives nothing any more. */
    private boolean closed;

    /** For {@link #hasRoom()} on the hot path: written with the lock held. */
    private volatile boolean roomy = true;

    /** An empty queue with these limits. */
    public MessageQueue(long capacityBytes, long allowanceBytes) {
        resize(capacityBytes, allowanceBytes);
    }

    /** Sets both limits; whether there is room now for one who was told that there is none. */
    boolean resize(long capacity, long allowance) {
        lock.lock();
        try {
            capacityBytes = capacity;
            allowanceBytes = allowance;
            return update();
        } finally {
            lock.unlock();
        }
    }

    /** Whether a message from the bus may be added. */
    boolean hasRoom() {
        if (roomy) {
            return true;
        }
        lock.lock();
        try {
            starving |= !roomy;
            return roomy;
        } finally {
            lock.unlock();
        }
    }

    /** Reserves a place in the allowance; whether there is one. */
    boolean reserve(long bytes) {
        lock.lock();
        try {
            if (closed || used() + bytes + OVERHEAD_BYTES > capacityBytes + allowanceBytes) {
                return false;
            }
            reservedBytes += bytes + OVERHEAD_BYTES;
            update();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Gives a reserved place back; whether there is room now for one who was told that there is none. */
    boolean release(long bytes) {
        lock.lock();
        try {
            reservedBytes -= bytes + OVERHEAD_BYTES;
            changed.signalAll();
            return update();
        } finally {
            lock.unlock();
        }
    }

    /** Adds a message. */
    void add(Message message, boolean reserved) {
        long bytes = message.toUtf8().remaining() + OVERHEAD_BYTES;
        lock.lock();
        try {
            if (reserved) {
                reservedBytes -= bytes;
            }
            messages.add(new Queued(message, bytes, System.nanoTime()));
            queuedBytes += bytes;
            update();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for a message and takes it; the one taken before counts as done.
     *
     * @return empty if none came in time, or after {@link #close()}
     */
    Optional<Message> poll(Duration patience) throws InterruptedException {
        long nanos = patience.toNanos();
        lock.lock();
        try {
            busy = false;
            changed.signalAll();
            while (messages.isEmpty() && !closed) {
                if (nanos <= 0) {
                    return Optional.empty();
                }
                nanos = changed.awaitNanos(nanos);
            }
            if (closed) {
                return Optional.empty();
            }
            Queued next = messages.poll();
            queuedBytes -= next.bytes();
            busy = true;
            return Optional.of(next.message());
        } finally {
            lock.unlock();
        }
    }

    /** Whether there is room again for one who was told that there is none. Says so once. */
    boolean isRoomAgain() {
        lock.lock();
        try {
            return update();
        } finally {
            lock.unlock();
        }
    }

    /** Takes nothing from the bus any more; waits until all is taken and done. Whether that was so in time. */
    boolean drain(Duration patience) throws InterruptedException {
        long nanos = patience.toNanos();
        lock.lock();
        try {
            closing = true;
            update();
            while (!closed && (busy || !messages.isEmpty() || reservedBytes > 0)) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = changed.awaitNanos(nanos);
            }
            return messages.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Gives nothing any more, whoever waits; how many messages are left in it. */
    int close() {
        lock.lock();
        try {
            closing = true;
            closed = true;
            update();
            changed.signalAll();
            return messages.size();
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    long size() {
        lock.lock();
        try {
            return messages.size();
        } finally {
            lock.unlock();
        }
    }

    long bytes() {
        lock.lock();
        try {
            return queuedBytes - messages.size() * OVERHEAD_BYTES;
        } finally {
            lock.unlock();
        }
    }

    /** How long the oldest message has waited. */
    Duration oldest() {
        lock.lock();
        try {
            Queued oldest = messages.peek();
            return oldest == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - oldest.sinceNanos());
        } finally {
            lock.unlock();
        }
    }

    private long used() {
        return queuedBytes + reservedBytes;
    }

    /** Whether whoever starved is to be told now. A quarter has to be free first, so that it is not told for each message. */
    private boolean update() {
        roomy = !closing && used() < capacityBytes;
        if (starving && !closing && used() <= capacityBytes - capacityBytes / 4) {
            starving = false;
            return true;
        }
        return false;
    }
}
