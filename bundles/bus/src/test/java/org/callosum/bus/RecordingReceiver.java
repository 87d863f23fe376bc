// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import org.callosum.api.Message;
import org.callosum.transport.ConnectionStatus;
import org.callosum.transport.Receiver;

/**
 * A receiver that remembers, with as much room as it is told to have.
 *
 * <p><b>Threads.</b> Any thread.
 */
class RecordingReceiver implements Receiver {
    private final BlockingQueue<Message> received = new LinkedBlockingQueue<>();
    private final List<Message> givenUp = new CopyOnWriteArrayList<>();
    private final List<ConnectionStatus> thrownOff = new CopyOnWriteArrayList<>();
    private final List<Duration> missed = new CopyOnWriteArrayList<>();
    private final AtomicLong room = new AtomicLong(Long.MAX_VALUE);
    private final AtomicLong reservable = new AtomicLong(Long.MAX_VALUE / 2);
    private final AtomicLong reserved = new AtomicLong();

    /** Says that there is room for so many messages, from now on. */
    void roomFor(long messages) {
        room.set(messages);
    }

    /** Says how many bytes may be reserved. */
    void reservable(long bytes) {
        reservable.set(bytes);
    }

    /** How many bytes are reserved now. */
    long reservedBytes() {
        return reserved.get();
    }

    /** The next message; fails if none comes. */
    Message next() throws InterruptedException {
        Message message = received.poll(10, TimeUnit.SECONDS);
        if (message == null) {
            throw new AssertionError("No message within 10 s");
        }
        return message;
    }

    /** How many messages came that {@link #next()} has not given. */
    int waiting() {
        return received.size();
    }

    List<Message> givenUp() {
        return givenUp;
    }

    /** For how long each time the transport was not on the bus. */
    List<Duration> missed() {
        return missed;
    }

    /** The clients that were thrown off. */
    List<ConnectionStatus> thrownOff() {
        return thrownOff;
    }

    @Override
    public void thrownOff(ConnectionStatus client) {
        thrownOff.add(client);
    }

    @Override
    public boolean hasRoom() {
        return room.get() > 0;
    }

    @Override
    public boolean reserve(long bytes) {
        if (reserved.get() + bytes > reservable.get()) {
            return false;
        }
        reserved.addAndGet(bytes);
        return true;
    }

    @Override
    public void release(long bytes) {
        reserved.addAndGet(-bytes);
    }

    @Override
    public void receive(Message message, boolean isReserved) {
        if (isReserved) {
            release(message.toUtf8().remaining());
        } else if (room.getAndUpdate(n -> n == Long.MAX_VALUE ? n : n - 1) <= 0) {
            throw new AssertionError("There was no room for " + message);
        }
        received.add(message);
    }

    @Override
    public void gaveUp(Message message) {
        givenUp.add(message);
    }

    @Override
    public void missed(Instant from, Instant to) {
        missed.add(Duration.between(from, to));
    }
}
