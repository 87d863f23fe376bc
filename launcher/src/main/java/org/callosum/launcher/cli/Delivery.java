// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.callosum.api.Message;
import org.callosum.bus.Connection;

/**
 * Sends messages over one connection and proves that the bus has taken each: everybody on a bus hears every message, in one
 * order, its sender too. So the messages have to come back, in the order in which they were sent, among those of others.
 *
 * <p>Only so many are under way at a time: what waits for its echo costs memory, and the makes of the bus differ in what
 * they do to one who sends faster than he reads. The newer original throws him off when 64 messages wait for him, the older
 * one drops from 10,000 on.
 *
 * <p>A message of somebody else that says exactly the same as the next one of ours counts as its echo: the wire has nothing
 * to tell the two apart by.
 *
 * <p><b>Threads.</b> One sends and one hears, so that neither holds the other up, and the caller watches the time: it is not
 * held up by a bus that takes nothing more, nor by an input that does not end. Once it has returned, the hearing thread has
 * ended; the sending one may still wait for its input, and ends with the next message.
 */
final class Delivery {
    private static final int MAX_UNPROVEN = 32;
    /** Of their JSON texts. One message may be larger. */
    private static final long MAX_UNPROVEN_BYTES = 4 << 20;

    private final Connection connection;
    private final MessageSource source;
    private final Duration timeout;

    private final ReentrantLock lock = new ReentrantLock();
    /** There may be room for another message, or nobody wants one any more. */
    private final Condition room = lock.newCondition();
    /** The watching thread has to look: all is proven, or never will be, or there is something to watch again. */
    private final Condition changed = lock.newCondition();

    // Guarded by the lock.
    private final Deque<Message> unproven = new ArrayDeque<>();
    private long unprovenBytes;
    private long sent;
    private long taken;
    /** When the last echo came, or when the oldest unproven message was sent, if that was later. */
    private long progressNanos;

    /** Whether the watching thread waits without a limit, for nothing is under way. */
    private boolean isWatchIdle;

    private boolean isInputAtEnd;
    private String inputError;
    private String failure;
    private boolean isOver;

    /**
     * Prepares to send.
     *
     * @param timeout how long the bus may take to send the next message back
     */
    Delivery(Connection connection, MessageSource source, Duration timeout) {
        this.connection = connection;
        this.source = source;
        this.timeout = timeout;
    }

    /**
     * How a delivery ended.
     *
     * @param sent how many messages were sent
     * @param taken how many of them came back
     * @param inputError why nothing more was sent although the input went on; {@code null} if it was at its end
     * @param failure why not all came back; {@code null} if all did
     */
    record Result(long sent, long taken, String inputError, String failure) {}

    /** Sends everything and waits for all of it to come back, or for the reason why it will not. Called once. */
    Result run() throws InterruptedException, IOException {
        Thread hearing = start("callosum-send-echoes", this::hear);
        start("callosum-send", this::send);
        try {
            return await();
        } finally {
            over();
            connection.close();
            hearing.join();
        }
    }

    private static Thread start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private Result await() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (failure == null && !(isInputAtEnd && unproven.isEmpty())) {
                if (unproven.isEmpty()) {
                    isWatchIdle = true;
                    changed.await();
                } else {
                    long left = timeout.toNanos() - (System.nanoTime() - progressNanos);
                    if (left <= 0) {
                        failure = "did not send message " + (taken + 1) + " back within " + seconds(timeout);
                    } else {
                        changed.awaitNanos(left);
                    }
                }
            }
            return new Result(sent, taken, inputError, failure);
        } finally {
            lock.unlock();
        }
    }

    private static String seconds(Duration timeout) {
        return BigDecimal.valueOf(timeout.toMillis(), 3).stripTrailingZeros().toPlainString() + " s";
    }

    private void over() {
        lock.lock();
        try {
            isOver = true;
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void send() {
        try {
            for (Message message = source.next(); message != null; message = source.next()) {
                if (!expect(message)) {
                    return;
                }
                connection.send(message);
            }
            inputEnds(null);
        } catch (MessageSource.InvalidInputException e) {
            inputEnds(e.getMessage());
        } catch (IOException e) {
            fails("broke off: " + e.getMessage());
        }
    }

    /** Waits for room and takes note of a message that will be sent. Whether it still shall be. */
    private boolean expect(Message message) {
        long bytes = message.toUtf8().remaining();
        lock.lock();
        try {
            while (!isOver && !hasRoom(bytes)) {
                room.awaitUninterruptibly();
            }
            if (isOver) {
                return false;
            }
            if (unproven.isEmpty()) {
                progressNanos = System.nanoTime();
                if (isWatchIdle) { // else it looks by itself when the time of an earlier one would be up
                    isWatchIdle = false;
                    changed.signalAll();
                }
            }
            unproven.add(message);
            unprovenBytes += bytes;
            sent++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean hasRoom(long bytes) {
        return unproven.isEmpty() || unproven.size() < MAX_UNPROVEN && unprovenBytes + bytes <= MAX_UNPROVEN_BYTES;
    }

    private void inputEnds(String error) {
        lock.lock();
        try {
            isInputAtEnd = true;
            inputError = error;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void hear() {
        try {
            for (Message heard = connection.read(); heard != null; heard = connection.read()) {
                Message next = next();
                if (next != null && Echo.isEcho(next, heard)) {
                    proven(next);
                }
            }
            fails("closed the connection");
        } catch (IOException e) {
            fails("broke off: " + e.getMessage());
        }
    }

    /** The message whose echo has to come next. It stays that: only the hearing thread removes it. */
    private Message next() {
        lock.lock();
        try {
            return unproven.peek();
        } finally {
            lock.unlock();
        }
    }

    private void proven(Message message) {
        lock.lock();
        try {
            unproven.remove();
            unprovenBytes -= message.toUtf8().remaining();
            taken++;
            progressNanos = System.nanoTime();
            room.signalAll();
            if (isInputAtEnd && unproven.isEmpty()) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes note of the first reason; what breaks after the end, breaks because of it. */
    private void fails(String reason) {
        lock.lock();
        try {
            if (failure == null && !isOver) {
                failure = reason;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }
}
