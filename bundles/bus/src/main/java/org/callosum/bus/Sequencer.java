// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.Arrays;
import java.util.function.Supplier;

import org.callosum.api.KeyValues;
import org.callosum.api.Message;
import org.callosum.transport.Receiver;
import org.osgi.service.log.Logger;

/**
 * Puts frames, those of the clients and those of this runtime, into the one order of the bus: into the log, which all
 * clients get, and to the receiver, if one is attached. Says when there is no room for more.
 *
 * <p>Its methods are called between {@link ReceiverSlot#enter()} and {@link ReceiverSlot#exit()}.
 */
final class Sequencer {
    /** What is taken of the own emits before the senders have their turn. */
    private static final int TURN_BYTES = 1 << 20;

    /**
     * How many lines a second are logged about frames that were dropped, of all clients together: clients that come and go could each
     * cause one, and fill the log. Written aside or not, what a line says is put together on the loop.
     */
    static final int COMPLAINTS = 5;

    private final FrameScanner scanner = new FrameScanner();
    private final FrameLog log;
    private final BusMemory memory;
    private final Stragglers stragglers;
    private final ReceiverSlot slot;
    private final OwnEmits own;
    private final TimeStamps timeStamps;
    private final Supplier<ServerSettings> settings;
    private final ServerCounters counters;
    private final Logger logger;
    private final LogPause complaints = new LogPause(COMPLAINTS);

    Sequencer(
            FrameLog log,
            BusMemory memory,
            Stragglers stragglers,
            ReceiverSlot slot,
            OwnEmits own,
            TimeStamps timeStamps,
            Supplier<ServerSettings> settings,
            ServerCounters counters,
            Logger logger) {
        this.log = log;
        this.memory = memory;
        this.stragglers = stragglers;
        this.slot = slot;
        this.own = own;
        this.timeStamps = timeStamps;
        this.settings = settings;
        this.counters = counters;
        this.logger = logger;
    }

    /** Whether there is room for a frame of a client: in every backlog and at the receiver, which may be awaited. */
    boolean admitsSenders(long nowNanos) {
        Receiver receiver = slot.receiver();
        return stragglers.admitSenders() && (receiver == null ? nanosAwaited(nowNanos) == 0 : receiver.hasRoom());
    }

    /** For how long senders still wait for the receiver to be back; zero if they do not. */
    long nanosAwaited(long nowNanos) {
        return slot.nanosAwaited(settings.get().absence(), nowNanos);
    }

    /**
     * Takes the frames that a client's splitter has.
     *
     * @return whether all were taken; {@code false} if there is no room for more
     */
    boolean takeFrom(ServedClient client, long nowNanos) {
        FrameSplitter splitter = client.splitter();
        splitter.limit(settings.get().maxFrameBytes());
        long tooLong = splitter.tooLong();
        long refused = splitter.refused();
        boolean hasRoom = makesRoom(nowNanos);
        try {
            while (hasRoom && splitter.next()) {
                take(client, nowNanos);
                hasRoom = makesRoom(nowNanos);
            }
        } finally {
            delivered();
        }
        countTooLong(client, splitter.tooLong() - tooLong, splitter.refused() - refused, nowNanos);
        return hasRoom;
    }

    /**
     * Takes the frame that was not ended by a line break when its sender closed, if there is one.
     *
     * @return {@code false} if there is no room for it
     */
    boolean takeLast(ServedClient client, long nowNanos) {
        if (!makesRoom(nowNanos)) {
            return false;
        }
        if (client.splitter().finish()) {
            take(client, nowNanos);
            delivered();
        }
        return true;
    }

    /** Takes what this runtime has emitted, as far as there is room beyond the backlogs, up to what is fair in one turn. */
    void takeOwn(long nowNanos) {
        long turnEnd = log.end() + TURN_BYTES;
        while (log.end() < turnEnd && makesRoomForOwn(nowNanos) && takeOneOwn()) {}
    }

    /** Whether this runtime has emitted something that could be taken now. */
    boolean hasOwn() {
        return own.bytes() > 0 && stragglers.admitOwn();
    }

    /** Takes all that this runtime has emitted: the server stops, and nothing comes after it. */
    void takeAllOwn() {
        while (takeOneOwn()) {}
    }

    private boolean makesRoom(long nowNanos) {
        if (!stragglers.admitSenders()) {
            stragglers.flushAndJudge(nowNanos);
        }
        return admitsSenders(nowNanos);
    }

    private boolean makesRoomForOwn(long nowNanos) {
        if (!stragglers.admitOwn()) {
            stragglers.flushAndJudge(nowNanos);
        }
        return stragglers.admitOwn();
    }

    private void take(ServedClient client, long nowNanos) {
        FrameSplitter line = client.splitter();
        switch (scanner.scan(line.array(), line.start(), line.end())) {
            case FRAME -> {
                counters.framesIn.increment();
                client.took(scanner.tract(), scanner.event());
                append(line.array());
            }
            case BLANK -> {}
            case INVALID -> complain(client, nowNanos);
        }
    }

    /** Appends the frame that was scanned last. */
    private void append(byte[] line) {
        Receiver receiver = receiverOf(scanner.tract(), scanner.event());
        int from = scanner.start();
        int to = scanner.end();
        if (receiver == null && scanner.hasTs()) {
            log.append(line, from, to);
        } else if (receiver == null) {
            log.append(line, from, to - 1, timeStamps.ending());
        } else {
            // The receiver keeps it, and the line's array is used again.
            byte[] frame = scanner.hasTs() ? Arrays.copyOfRange(line, from, to) : timeStamps.splice(line, from, to);
            log.append(frame, 0, frame.length);
            deliver(receiver, Message.ofFrame(scanner.tract(), scanner.event(), frame));
        }
    }

    /** Who is to have the frame; {@code null} if nobody is. */
    private Receiver receiverOf(String tract, String event) {
        Receiver receiver = slot.receiver();
        try {
            return receiver == null || receiver.receiveUnheard(tract, event) ? null : receiver;
        } catch (RuntimeException e) {
            logger.error("The receiver failed when it was asked for an event's names: it gets the event", e);
            return receiver;
        }
    }

    private boolean takeOneOwn() {
        OwnEmits.Own emitted = own.poll();
        if (emitted == null) {
            return false;
        }
        counters.own.increment();
        log.append(emitted.message().toUtf8());
        Receiver receiver = slot.receiver();
        if (receiver != null) {
            deliverOwn(receiver, emitted);
        }
        return true;
    }

    private void deliver(Receiver receiver, Message message) {
        try {
            receiver.receiveAhead(message);
        } catch (RuntimeException e) {
            failed(message, e);
        }
    }

    /** All that was read is delivered for now. */
    private void delivered() {
        Receiver receiver = slot.receiver();
        if (receiver == null) {
            return;
        }
        try {
            receiver.received();
        } catch (RuntimeException e) {
            logger.error("The receiver failed when all that was read had been handed to it: the bus goes on", e);
        }
    }

    private void deliverOwn(Receiver receiver, OwnEmits.Own emitted) {
        Message message = emitted.message();
        try {
            // Emitted before this receiver was attached: its place is reserved now.
            if (emitted.reservedAt() == receiver || receiver.reserve(emitted.bytes())) {
                receiver.receive(message, true);
            } else {
                receiver.gaveUp(message);
            }
        } catch (RuntimeException e) {
            failed(message, e);
        }
    }

    private void failed(Message message, RuntimeException e) {
        logger.error(
                "The receiver failed on {}: the bus goes on without it having this message{}",
                message,
                message.keyValues(),
                e);
    }

    private void complain(ServedClient client, long nowNanos) {
        counters.invalid.increment();
        client.sentInvalid();
        if (client.complaints().isOver(nowNanos, complaints)) {
            logger.warn(
                    "Invalid frame of {} is dropped: {}: {}{}{}",
                    client,
                    Excerpt.of(scanner.reason()),
                    Excerpt.of(client.splitter().array(), scanner.start(), scanner.end()),
                    suppressed(client),
                    client.keyValues().and(scanner.keyValues()).and(keyValuesOfSuppressed(client)));
        }
    }

    private void countTooLong(ServedClient client, long count, long refused, long nowNanos) {
        counters.tooLong.add(count);
        for (long i = 0; i < refused; i++) {
            memory.count(client);
        }
        if (count > refused && client.complaints().isOver(nowNanos, complaints)) {
            logger.warn(
                    "Frame of {} is dropped: it is longer than {} bytes: send less at once, or raise 'maxFrameBytes', of"
                            + " which an eighth of 'memoryBytes' is the most{}{}",
                    client,
                    settings.get().maxFrameBytes(),
                    suppressed(client),
                    client.keyValues()
                            .and(KeyValues.of("reason", "too long"))
                            .and("max_frame_bytes", settings.get().maxFrameBytes())
                            .and(keyValuesOfSuppressed(client)));
        }
    }

    private String suppressed(ServedClient client) {
        return client.complaints().suppressed() + complaints.suppressed(" of all clients");
    }

    private KeyValues keyValuesOfSuppressed(ServedClient client) {
        return client.complaints().keyValues().and(complaints.keyValues("left_out_of_all"));
    }
}
