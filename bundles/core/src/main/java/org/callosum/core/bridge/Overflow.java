// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.bridge;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * What a queue's head has no room for: events on disk, and behind them the tail, which waits in memory to be written. Says what the
 * {@link Spiller} has to move next.
 *
 * <p><b>Threads.</b> Guarded by the lock of {@link MessageQueue}: each method is called with it held.
 */
final class Overflow {
    /** What the spiller has to do next. */
    sealed interface Move {
        /** Events of the tail to be written. */
        record Write(List<Queued> events) implements Move {}

        /** The head wants to be filled from the disk. */
        record Read(long bytes) implements Move {}

        /** Nothing, for this time. */
        record Nothing() implements Move {}
    }

    static final Move NOTHING = new Move.Nothing();

    private ArrayDeque<Queued> tail = new ArrayDeque<>();

    /** The bytes of the tail, with those of it that are in the spiller's hand. */
    private long tailBytes;

    /** Whether what comes goes to the tail. */
    private boolean open;

    /** How many are on disk only. */
    private long onDisk;

    /** Whether the spiller has something in hand, or does not know yet what is on disk: nobody may go past it. */
    private boolean moving;

    /** Whether the spiller may write. */
    private boolean writable;

    /** Whether it read the last time. */
    private boolean wasRead;

    /** With nothing in it, as far as is known. Where the disk is still to be looked at, all that comes goes behind that. */
    Overflow(boolean hasDisk) {
        open = hasDisk;
        moving = hasDisk;
    }

    /** Whether what comes goes here, and not to the head. */
    boolean isOpen() {
        return open;
    }

    /** What comes goes here from now on. */
    void open() {
        open = true;
    }

    void add(Queued event) {
        tail.add(event);
        tailBytes += event.bytes();
    }

    long tailBytes() {
        return tailBytes;
    }

    /** How many events are on disk and not in memory. */
    long onDisk() {
        return onDisk;
    }

    /** Whether nothing is on disk, or on its way from or to it. */
    boolean isDiskEmpty() {
        return onDisk == 0 && !moving;
    }

    /** Whether nothing is here at all. */
    boolean isEmpty() {
        return tail.isEmpty() && isDiskEmpty();
    }

    /** Whether the tail is what comes next, behind the head. */
    boolean isTailNext() {
        return !tail.isEmpty() && isDiskEmpty();
    }

    /** The tail's events. */
    Collection<Queued> tail() {
        return tail;
    }

    /** The oldest event of the tail; {@code null} if it is empty. */
    Queued firstOfTail() {
        return tail.peek();
    }

    /**
     * Gives the tail away, for this empty one; what comes does not go here any more. For when nothing is on disk, so that the tail
     * follows the head at once.
     */
    ArrayDeque<Queued> takeTail(ArrayDeque<Queued> empty) {
        ArrayDeque<Queued> all = tail;
        tail = empty;
        tailBytes = 0;
        open = false;
        return all;
    }

    /** The spiller says whether there is room on the disk. */
    void writable(boolean isSo) {
        writable = isSo;
    }

    /** Whether there is anything to move. */
    boolean hasMove(boolean isHeadEmpty, long chunkBytes) {
        return wantsRead(isHeadEmpty) || wantsWrite(chunkBytes);
    }

    /** What the spiller is to move; it has that in hand from then on. */
    Move next(boolean isHeadEmpty, long chunkBytes) {
        // In turn: a fast taker may not keep what comes from being written, nor the other way round.
        wasRead = wantsRead(isHeadEmpty) && !(wasRead && wantsWrite(chunkBytes));
        if (wasRead) {
            return new Move.Read(chunkBytes);
        }
        List<Queued> events = new ArrayList<>();
        long bytes = 0;
        while (bytes < chunkBytes && !tail.isEmpty()) {
            Queued event = tail.poll();
            events.add(event);
            bytes += event.bytes();
        }
        return new Move.Write(events);
    }

    private boolean wantsWrite(long chunkBytes) {
        return writable && tailBytes >= chunkBytes;
    }

    private boolean wantsRead(boolean isHeadEmpty) {
        return onDisk > 0 && isHeadEmpty;
    }

    /** Whether the spiller has something in hand from now on. */
    void moving(boolean isSo) {
        moving = isSo;
    }

    /** So many bytes of the tail were written. */
    void written(long bytes) {
        tailBytes -= bytes;
    }

    /** What was to be written was not: it is the tail's again. */
    void takeBack(List<Queued> events) {
        for (int i = events.size() - 1; i >= 0; i--) {
            tail.addFirst(events.get(i));
        }
    }

    /** The spiller has nothing in hand any more. */
    void moved(long onDiskNow) {
        onDisk = onDiskNow;
        moving = false;
    }
}
