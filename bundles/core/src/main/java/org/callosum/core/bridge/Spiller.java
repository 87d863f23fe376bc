// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.bridge;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalLong;

import org.callosum.api.KeyValues;
import org.callosum.core.spill.Spill;
import org.callosum.core.spill.Spilled;
import org.osgi.service.log.Logger;

/**
 * Moves what waits from a queue's tail to a {@link Spill}, and from there to its head, chunk by chunk.
 *
 * <p>A disk that fails costs no event: what was to be written stays in the tail, the queue fills up, and the next step of the
 * policy follows. It is tried again, after a second first and then twice as long each time, up to half a minute. It is said once.
 *
 * <p><b>Threads.</b> One of its own does all that touches the disk, but for how far events were handed on: that is noted by
 * the thread that takes from the queue. The end is somebody else's, when both have ended.
 */
public final class Spiller {
    private static final Duration LONG = Duration.ofDays(1);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(30);

    /** Load that comes and goes around the limit is said once in this time. */
    private static final Duration QUIET = Duration.ofMinutes(1);

    private final Spill spill;
    private final Duration firstRetry;
    private final InstantSource clock;
    private final Logger logger;
    private volatile long limitBytes;
    private Thread thread;

    /** Whether the disk can be used: not before it was looked at. Written by the thread. */
    private volatile boolean usable;

    // Of the thread.

    /** How long it is waited until the next attempt; {@code null} while all is well. */
    private Duration retry;

    private long retryAtNanos;

    /** When it was said that events are on disk; whether the opposite is to be said, too. */
    private Long saidAtNanos;

    private boolean toBeSaid;

    /** A spiller that does nothing yet. */
    public Spiller(Spill spill, long limitBytes, Duration firstRetry, InstantSource clock, Logger logger) {
        this.spill = spill;
        this.limitBytes = limitBytes;
        this.firstRetry = firstRetry;
        this.clock = clock;
        this.logger = logger;
    }

    void start(MessageQueue queue, Runnable room, Spill.Losses losses) {
        thread = new Thread(() -> run(queue, room, losses), "callosum-spill");
        thread.setDaemon(true);
        thread.start();
    }

    /** Whether {@link #keep} will write, if it can. */
    boolean keeps() {
        return usable && limitBytes > 0;
    }

    /** Sets how much may be on disk; 0 writes nothing, and reads what is there. */
    void limit(long bytes) {
        limitBytes = bytes;
    }

    long bytes() {
        return spill.bytes();
    }

    /** How long the oldest event on disk has waited. */
    Duration oldest() {
        OptionalLong since = spill.oldestMillis();
        return since.isEmpty() ? Duration.ZERO : Duration.ofMillis(Math.max(0, clock.millis() - since.getAsLong()));
    }

    /** Called by the thread that takes. */
    void underWay(long position) {
        spill.underWay(position);
    }

    /** Called by the thread that takes. */
    void done(long position) {
        spill.done(position);
    }

    private void run(MessageQueue queue, Runnable room, Spill.Losses losses) {
        open(losses);
        queue.moved(List.of(), usable ? spill.count() : 0);
        try {
            while (!queue.isClosed()) {
                move(queue);
                if (queue.isRoomAgain()) {
                    room.run();
                }
            }
        } catch (InterruptedException e) {
            // Nobody but a stop interrupts it.
            logger.debug("The spiller was interrupted", e);
        }
    }

    private void open(Spill.Losses losses) {
        try {
            spill.open(losses);
            usable = true;
            if (spill.count() > 0) {
                logger.info(
                        "{} events from before are in {}: they are handled first{}", spill.count(), spill, keyValues());
            }
        } catch (IOException | RuntimeException | Error e) {
            logger.warn(
                    "Folder '{}' cannot be used for events that memory has no place for: what is in it stays there, and when"
                            + " memory is full, senders wait, or events are given up. Mend it, or set spillFolder to"
                            + " another one, and start this bundle anew{}",
                    spill,
                    KeyValues.of("folder", spill),
                    e);
        }
    }

    private void move(MessageQueue queue) throws InterruptedException {
        boolean isTime = retry == null || retryAtNanos - System.nanoTime() <= 0;
        boolean mayWrite = usable && isTime && spill.bytes() < limitBytes;
        Overflow.Move move = queue.awaitMove(
                mayWrite, isTime ? LONG : Duration.ofNanos(Math.max(1, retryAtNanos - System.nanoTime())));
        if (move instanceof Overflow.Move.Write write) {
            write(queue, write.events());
        } else if (move instanceof Overflow.Move.Read read) {
            read(queue, read.bytes());
        }
        if (usable) {
            spill.trim();
        }
    }

    private void write(MessageQueue queue, List<Queued> events) {
        try {
            spill.append(spilled(events));
        } catch (IOException | RuntimeException | Error e) {
            // Of every kind: this thread has to go on, others wait for it.
            queue.notWritten(events, spill.count());
            failed(e);
            return;
        }
        queue.written(events, spill.count());
        if (retry != null) {
            retry = null;
            logger.info("Events are written to {} again{}", spill, keyValues());
        }
        if (saidAtNanos == null || !toBeSaid && System.nanoTime() - saidAtNanos > QUIET.toNanos()) {
            saidAtNanos = System.nanoTime();
            toBeSaid = true;
            logger.info(
                    "Events that wait for handlers nearly fill queueBytes: more is written to {}{}",
                    spill,
                    keyValues());
        }
    }

    private void failed(Throwable cause) {
        if (retry == null) {
            logger.warn(
                    "Events that memory has no place for cannot be written to {}: they stay in memory, and when that is full,"
                            + " senders wait, or events are given up. It is tried again. Make room on its disk, or set"
                            + " spillFolder to another place{}",
                    spill,
                    keyValues(),
                    cause);
            retry = firstRetry;
        } else {
            retry = retry.multipliedBy(2);
            retry = retry.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : retry;
        }
        retryAtNanos = System.nanoTime() + retry.toNanos();
    }

    private void read(MessageQueue queue, long bytes) {
        List<Spilled> read;
        try {
            read = spill.read(bytes);
        } catch (RuntimeException | Error e) {
            usable = false;
            queue.moved(List.of(), 0);
            logger.error(
                    "Events in {} cannot be read: they stay there, and those behind them are handled. Start this bundle anew"
                            + " to have them read{}",
                    spill,
                    KeyValues.of("folder", spill),
                    e);
            return;
        }
        long nanos = System.nanoTime();
        long millis = clock.millis();
        queue.moved(read.stream().map(event -> Queued.of(event, nanos, millis)).toList(), spill.count());
        if (toBeSaid && spill.count() == 0) {
            toBeSaid = false;
            logger.info("All events that waited in {} are read back{}", spill, KeyValues.of("folder", spill));
        }
    }

    /** Where events are, and how much, for the values of a log line. */
    private KeyValues keyValues() {
        return KeyValues.of("folder", spill)
                .and("spilled_events", spill.count())
                .and("spilled_bytes", spill.bytes());
    }

    private List<Spilled> spilled(List<Queued> events) {
        long nanos = System.nanoTime();
        long millis = clock.millis();
        return events.stream().map(event -> event.toSpilled(nanos, millis)).toList();
    }

    /** Waits until the thread has ended, which it does when the queue is closed; what it has in hand is moved first. */
    void await() {
        boolean interrupted = false;
        while (thread != null && thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Writes what is left in memory, whatever the limit, and lets go of the disk.
     *
     * @param before what is before all that is on disk
     * @param behind what is behind it
     * @return how many of both could not be kept
     */
    long keep(List<Queued> before, List<Queued> behind) {
        long lost = before.size() + behind.size();
        try {
            if (keeps()) {
                if (!before.isEmpty()) {
                    spill.prepend(spilled(before));
                    lost -= before.size();
                }
                if (!behind.isEmpty()) {
                    spill.append(spilled(behind));
                    lost -= behind.size();
                }
            }
        } catch (IOException | RuntimeException e) {
            logger.warn(
                    "Events that wait in memory cannot be written to {}{}",
                    spill,
                    KeyValues.of("folder", spill).and("given_up_events", lost),
                    e);
        } finally {
            spill.close();
        }
        return lost;
    }
}
