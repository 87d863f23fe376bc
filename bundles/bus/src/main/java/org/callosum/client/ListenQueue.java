// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.client;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import org.callosum.api.Message;
import org.callosum.bus.ConnectionWatch;
import org.callosum.bus.Log;
import org.callosum.bus.LogPause;
import org.callosum.transport.Receiver;

/**
 * What came over the bus and was not handed to the listeners yet, in order. Bounded in bytes; one message always fits into an empty one.
 *
 * <p>When it is full, what comes is given up, counted, and told as a gap in the place of what is missing: the socket is read
 * on, for a client that does not read is thrown off, and would miss more.
 *
 * <p><b>Threads.</b> The connection's thread fills it and never waits, one other thread takes; the rest is for any.
 */
final class ListenQueue implements Receiver, ConnectionWatch {
    /** What a message takes besides its text, about: the objects around it. */
    static final long OVERHEAD_BYTES = 200;

    private final Predicate<Message> isWanted;
    private final long maxBytes;
    private final Log log;
    private final LogPause complaints = new LogPause();

    // All guarded by this.
    /** Messages, and between them notices. */
    private final Deque<Object> entries = new ArrayDeque<>();
    /** The last entry, if it is a notice: what happens goes in there. */
    private Notice tail;
    /** Of the messages in here and of the one that is being handed over. */
    private long bytes;

    private long messages;
    private long givenUp;
    private boolean isGivingUp;
    private boolean isConnected;
    private boolean isClosed;
    /** How many threads wait for a change. */
    private int waiting;

    /**
     * Makes an empty one.
     *
     * @param isWanted whether there is a listener for a message; called by the connection's thread
     */
    ListenQueue(Predicate<Message> isWanted, long maxBytes, Log log) {
        this.isWanted = isWanted;
        this.maxBytes = maxBytes;
        this.log = log;
    }

    /** True: whether there is room depends on the message, and on whether anybody wants it. */
    @Override
    public boolean hasRoom() {
        return true;
    }

    @Override
    public void receive(Message message, boolean reserved) {
        if (isWanted.test(message) && !add(message)) {
            sayFull();
        }
    }

    /** Adds it or gives it up. Whether it, or another in the same full period, was there to be told of. */
    private synchronized boolean add(Message message) {
        if (isClosed) {
            return true;
        }
        long size = sizeOf(message);
        if (bytes > 0 && bytes + size > maxBytes) {
            givenUp++;
            notice().addGivenUp(Instant.now());
            boolean isFirst = !isGivingUp;
            isGivingUp = true;
            return !isFirst;
        }
        isGivingUp = false;
        entries.addLast(message);
        tail = null;
        bytes += size;
        messages++;
        changed();
        return true;
    }

    private static long sizeOf(Message message) {
        return message.toUtf8().remaining() + OVERHEAD_BYTES;
    }

    private void sayFull() {
        if (complaints.isOver(System.nanoTime())) {
            log.warn(
                    "The listeners do not keep up: {} messages of {} bytes wait for them, and 'listenBytes' is {}: what comes"
                            + " is given up, and told as a gap, until there is room{}",
                    messages(),
                    bytes(),
                    maxBytes,
                    complaints.suppressed());
        }
    }

    /** Not used: a client's own messages come back from the bus like any other. */
    @Override
    public boolean reserve(long reservedBytes) {
        return true;
    }

    @Override
    public void release(long reservedBytes) {}

    @Override
    public void gaveUp(Message message) {
        throw new IllegalStateException("There is always room, and yet " + message + " found none");
    }

    @Override
    public synchronized void missed(Instant from, Instant to) {
        notice().addAway(from, to);
        changed();
    }

    @Override
    public synchronized void connected() {
        isConnected = true;
        notice().addConnected();
        changed();
    }

    @Override
    public synchronized void lost(String reason) {
        isConnected = false;
        notice().addLost(reason);
        changed();
    }

    private Notice notice() {
        if (tail == null) {
            tail = new Notice();
            entries.addLast(tail);
        }
        return tail;
    }

    private void changed() {
        if (waiting > 0) {
            notifyAll();
        }
    }

    /**
     * The next {@link Message} or {@link Notice}; waits for it. The room of a message is given back by {@link #handled}.
     *
     * @return {@code null} when it is closed
     */
    synchronized Object take() {
        while (!isClosed && entries.isEmpty()) {
            waiting++;
            try {
                wait();
            } catch (InterruptedException e) {
                // By a listener that interrupts its own thread, or by the closing, which has closed this.
            } finally {
                waiting--;
            }
        }
        if (isClosed) {
            return null;
        }
        Object next = entries.removeFirst();
        if (next == tail) {
            tail = null;
        }
        return next;
    }

    /** Gives the room of a message back that was taken and handed over. */
    synchronized void handled(Message message) {
        bytes -= sizeOf(message);
        messages--;
    }

    /** Waits until the bus is there; whether it is. */
    synchronized boolean awaitConnected(long nanos) throws InterruptedException {
        long begin = System.nanoTime();
        waiting++;
        try {
            for (long left = nanos; !isConnected && !isClosed && left > 0; left = nanos - (System.nanoTime() - begin)) {
                wait(TimeUnit.NANOSECONDS.toMillis(left) + 1);
            }
        } finally {
            waiting--;
        }
        return isConnected && !isClosed;
    }

    /** How many messages wait for the listeners, the one with them included. */
    synchronized long messages() {
        return messages;
    }

    /** What they take. */
    synchronized long bytes() {
        return bytes;
    }

    /** How many messages were given up. */
    synchronized long givenUp() {
        return givenUp;
    }

    /** Whether the bus is there now. */
    synchronized boolean isConnected() {
        return isConnected && !isClosed;
    }

    /**
     * Hands nothing more over from now on.
     *
     * @return how many messages are dropped with it
     */
    synchronized long close() {
        isClosed = true;
        long dropped = entries.stream().filter(Message.class::isInstance).count();
        entries.clear();
        tail = null;
        notifyAll();
        return dropped;
    }
}
