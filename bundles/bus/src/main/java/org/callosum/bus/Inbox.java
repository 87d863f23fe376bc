// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.Arrays;

import org.callosum.api.KeyValues;
import org.callosum.api.Message;
import org.callosum.transport.Receiver;

/**
 * Turns what one connection to a bus brings into messages for the receiver. Nobody can be made to wait here: what the
 * receiver has no room for is given up, and it is told.
 *
 * <p>Its methods are called between {@link ReceiverSlot#enter()} and {@link ReceiverSlot#exit()}.
 */
final class Inbox {
    /** What the server may have added to a frame of the longest length: its time stamp. */
    private static final int TIME_STAMP_BYTES = 64;

    private final FrameScanner scanner;
    private final ReceiverSlot slot;
    private final ClientCounters counters;
    private final LogPause complaints;
    private final Log log;
    private final FrameSplitter splitter;

    /** Makes one for a connection that begins. */
    Inbox(
            FrameScanner scanner,
            ReceiverSlot slot,
            int maxFrameBytes,
            ClientCounters counters,
            LogPause complaints,
            Log log) {
        this.scanner = scanner;
        this.slot = slot;
        this.counters = counters;
        this.complaints = complaints;
        this.log = log;
        this.splitter = new FrameSplitter(maxFrameBytes + TIME_STAMP_BYTES);
    }

    /** Takes what one read brought. */
    void take(byte[] bytes, int count, long nowNanos) {
        long tooLong = splitter.tooLong();
        splitter.feed(bytes, 0, count);
        try {
            while (splitter.next()) {
                if (!takeLine()) {
                    complain(nowNanos);
                }
            }
        } finally {
            delivered();
        }
        countTooLong(splitter.tooLong() - tooLong, nowNanos);
    }

    /** Takes the frame that was not ended by a line break, if the connection ended with one. */
    void takeLast() {
        if (splitter.finish()) {
            takeLine();
            delivered();
            // Not a frame: the connection broke in the middle of one, which is nobody's mistake.
        }
    }

    private boolean takeLine() {
        switch (scanner.scan(splitter.array(), splitter.start(), splitter.end())) {
            case FRAME -> {
                counters.framesIn.increment();
                deliver();
                return true;
            }
            case BLANK -> {
                return true;
            }
            default -> {
                return false;
            }
        }
    }

    private void deliver() {
        Receiver receiver = slot.receiver();
        if (receiver == null || isTakenUnheard(receiver)) {
            return;
        }
        byte[] frame = Arrays.copyOfRange(splitter.array(), scanner.start(), scanner.end());
        Message message = Message.ofFrame(scanner.tract(), scanner.event(), frame);
        try {
            if (receiver.hasRoom()) {
                receiver.receiveAhead(message);
            } else {
                counters.gaveUp.increment();
                receiver.gaveUp(message);
            }
        } catch (RuntimeException e) {
            log.error(
                    "The receiver failed on {}: the next message is handed to it all the same{}",
                    message,
                    message.keyValues(),
                    e);
        }
    }

    private boolean isTakenUnheard(Receiver receiver) {
        try {
            return receiver.receiveUnheard(scanner.tract(), scanner.event());
        } catch (RuntimeException e) {
            log.error("The receiver failed when it was asked for an event's names: it gets the event", e);
            return false;
        }
    }

    /** All that was read is delivered for now. */
    private void delivered() {
        Receiver receiver = slot.receiver();
        if (receiver != null) {
            receiver.received();
        }
    }

    private void complain(long nowNanos) {
        counters.invalid.increment();
        if (complaints.isOver(nowNanos)) {
            log.warn(
                    "Invalid frame of the bus is dropped: {}: {}{}{}",
                    Excerpt.of(scanner.reason()),
                    Excerpt.of(splitter.array(), scanner.start(), scanner.end()),
                    complaints.suppressed(),
                    scanner.keyValues().and(complaints.keyValues()));
        }
    }

    private void countTooLong(long count, long nowNanos) {
        counters.tooLong.add(count);
        if (count > 0 && complaints.isOver(nowNanos)) {
            log.warn(
                    "Frame of the bus is dropped: it is longer than 'maxFrameBytes' allows; raise it to get such"
                            + " frames{}{}",
                    complaints.suppressed(),
                    KeyValues.of("reason", "too long").and(complaints.keyValues()));
        }
    }
}
