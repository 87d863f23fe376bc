// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.client;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiPredicate;

import org.callosum.api.KeyValues;
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
 * <p>What one read brought is added at once, and what is there is taken at once: a lock for each message costs a quarter of the
 * messages that a listener can take.
 *
 * <p><b>Threads.</b> The connection's thread fills it and never waits, one other thread takes; the rest is for any.
 */
final class ListenQueue implements Receiver, ConnectionWatch {
    /** What a message takes besides its text, about: the objects around it. */
    static final long OVERHEAD_BYTES = 200;

    /** So far below zero that taking one from it changes nothing. */
    private static final long CLOSED = Long.MIN_VALUE / 2;

    private final BiPredicate<String, String> isWanted;
    private final long maxBytes;
    private final Log log;
    private final LogPause complaints = new LogPause();

    /** What came with the read that is being taken. Of the connection's thread. */
    private final List<Message> ahead = new ArrayList<>();

    /** What the other thread has taken and not handed over. Of that thread. */
    private Deque<Object> taken = new ArrayDeque<>();

    /** Of the messages that are in here, taken ones and the one that is being handed over among them. */
    private final AtomicLong bytes = new AtomicLong();

    /**
     * How many messages are in here, the one that is being handed over not among them; {@link #CLOSED} from the closing on. Who hands
     * one over takes it from this number, and who closes this takes what is left: so each is either handed over or dropped.
     */
    private final AtomicLong unheard = new AtomicLong();

    /** Whether a message is being handed over. Written by the thread that takes. */
    private volatile boolean isHanding;

    /** Written under this. */
    private volatile boolean isClosed;

    // All guarded by this.
    /** Messages, and between them notices. */
    private Deque<Object> entries = new ArrayDeque<>();
    /** The last entry, if it is a notice: what happens goes in there. */
    private Notice tail;

    private long givenUp;
    private boolean isGivingUp;
    private boolean isConnected;
    /** How many threads wait for a change. */
    private int waiting;

    /**
     * Makes an empty one.
     *
     * @param isWanted whether there is a listener for a tract and an event; called by the connection's thread
     */
    ListenQueue(BiPredicate<String, String> isWanted, long maxBytes, Log log) {
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
        receiveAhead(message);
        received();
    }

    @Override
    public boolean receiveUnheard(String tract, String event) {
        return !isWanted.test(tract, event);
    }

    @Override
    public void receiveAhead(Message message) {
        if (isWanted.test(message.tract(), message.event())) {
            ahead.add(message);
        }
    }

    @Override
    public void received() {
        if (!ahead.isEmpty()) {
            boolean isToBeSaid = addAhead();
            ahead.clear();
            if (isToBeSaid) {
                sayFull();
            }
        }
    }

    /** Whether one is the first to be given up of a full period, which is to be told of. */
    private synchronized boolean addAhead() {
        boolean isToBeSaid = false;
        for (Message message : ahead) {
            isToBeSaid |= !add(message);
        }
        changed();
        return isToBeSaid;
    }

    /** Adds it or gives it up. Whether it, or another in the same full period, was there to be told of. */
    private boolean add(Message message) {
        if (isClosed) {
            return true;
        }
        long size = sizeOf(message);
        long before = bytes.get(); // it only gets less meanwhile
        if (before > 0 && before + size > maxBytes) {
            givenUp++;
            notice().addGivenUp(Instant.now());
            boolean isFirst = !isGivingUp;
            isGivingUp = true;
            return !isFirst;
        }
        isGivingUp = false;
        entries.addLast(message);
        tail = null;
        bytes.addAndGet(size);
        unheard.incrementAndGet();
        return true;
    }

    private static long sizeOf(Message message) {
        return message.toUtf8().remaining() + OVERHEAD_BYTES;
    }

    private void sayFull() {
        if (complaints.isOver(System.nanoTime())) {
            long waitingMessages = messages();
            long waitingBytes = bytes();
            log.warn(
                    "The listeners do not keep up: {} messages of {} bytes wait for them, and 'listenBytes' is {}: what comes"
                            + " is given up, and told as a gap, until there is room{}{}",
                    waitingMessages,
                    waitingBytes,
                    maxBytes,
                    complaints.suppressed(),
                    KeyValues.of("messages", waitingMessages)
                            .and("bytes", waitingBytes)
                            .and("full_bytes", maxBytes)
                            .and(complaints.keyValues()));
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
    Object take() {
        if (taken.isEmpty()) {
            takeAll();
        }
        Object next = isClosed ? null : taken.poll();
        isHanding = next instanceof Message;
        if (isHanding && unheard.getAndDecrement() <= 0) {
            isHanding = false; // closed since it was looked at, and this one was counted there
            return null;
        }
        return next;
    }

    /** Waits until there is something, or until it is closed, and takes all of it. */
    private synchronized void takeAll() {
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
        Deque<Object> empty = taken;
        taken = entries;
        entries = empty;
        if (tail != null && taken.size() > 1) {
            entries.addLast(taken.removeLast()); // until its turn comes, what else happens goes in there
        } else {
            tail = null;
        }
    }

    /** Gives the room of a message back that was taken and handed over. */
    void handled(Message message) {
        isHanding = false;
        bytes.addAndGet(-sizeOf(message));
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
    long messages() {
        return Math.max(0, unheard.get()) + (isHanding ? 1 : 0);
    }

    /** What they take. */
    long bytes() {
        return bytes.get();
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
        long dropped = Math.max(0, unheard.getAndSet(CLOSED));
        entries.clear();
        tail = null;
        notifyAll();
        return dropped;
    }
}
