// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.Arrays;

/**
 * Cuts what the reads of one connection bring into lines, wherever the reads end. A line that lies within one read is not
 * copied; of the others only what has come so far is kept. A line longer than the limit is dropped and counted, without
 * keeping its bytes, and the next one is found.
 *
 * <pre>{@code
 * splitter.feed(bytes, 0, read);
 * while (splitter.next()) {
 *     … splitter.array(), splitter.start(), splitter.end()
 * }
 * }</pre>
 *
 * <p>Not thread-safe.
 */
final class FrameSplitter {
    /** A buffer that grew beyond this for one line is given up after it. */
    private static final int KEPT_BYTES = 1 << 16;

    private static final byte[] NONE = {};

    private final Room room;
    private int maxLineBytes;

    /** The line so far that earlier reads brought. */
    private byte[] kept = NONE;

    private int keptLength;

    /** What was fed and not looked at yet: a caller's array, until {@link #next()} says {@code false}. */
    private byte[] fed = NONE;

    /** Whether it is an own array after all: {@link #holdRest()}. */
    private boolean isFedHeld;

    private int fedFrom;
    private int fedTo;

    private byte[] array = NONE;
    private int start;
    private int end;
    private boolean lineIsKept;
    private boolean dropping;
    private long tooLong;
    private long refused;

    /**
     * Makes one.
     *
     * @param maxLineBytes the longest line to be given, its line break not counted
     */
    FrameSplitter(int maxLineBytes) {
        this(maxLineBytes, Room.ENDLESS);
    }

    /**
     * Makes one.
     *
     * @param maxLineBytes the longest line to be given, its line break not counted
     * @param room has the memory for lines that go over several reads
     */
    FrameSplitter(int maxLineBytes, Room room) {
        this.maxLineBytes = maxLineBytes;
        this.room = room;
    }

    /** Sets the limit for the lines to come. */
    void limit(int bytes) {
        maxLineBytes = bytes;
    }

    /**
     * Continues with these bytes. All that was fed before must have been taken: {@link #next()} said {@code false}.
     *
     * @param bytes looked at, and not changed, until {@link #next()} says {@code false} or {@link #holdRest()} was called
     */
    void feed(byte[] bytes, int from, int to) {
        fed = bytes;
        isFedHeld = false;
        fedFrom = from;
        fedTo = to;
    }

    /** Goes to the next line; {@code false} if there is no whole one. */
    boolean next() {
        forgetLine();
        while (fedFrom < fedTo) {
            int lineEnd = indexOfLineBreak();
            boolean isWhole = lineEnd < fedTo;
            if (dropping) {
                fedFrom = isWhole ? lineEnd + 1 : fedTo;
                dropping = !isWhole;
            } else if (keptLength + (long) (lineEnd - fedFrom) > maxLineBytes || !hasRoom(lineEnd, isWhole)) {
                tooLong++;
                drop();
                fedFrom = isWhole ? lineEnd + 1 : fedTo;
                dropping = !isWhole;
            } else if (isWhole) {
                give(lineEnd);
                return true;
            } else {
                keep(lineEnd);
            }
        }
        fed = NONE;
        return false;
    }

    /**
     * Ends the stream: gives the last line if it had no line break.
     *
     * @return whether there is one
     */
    boolean finish() {
        forgetLine();
        if (keptLength == 0) {
            return false;
        }
        array = kept;
        start = 0;
        end = keptLength;
        lineIsKept = true;
        return true;
    }

    /**
     * Keeps what was fed and has not been looked at, so that the caller's array can be used again. {@link #next()} goes on
     * with it.
     */
    void holdRest() {
        if (!isFedHeld) {
            fed = fedFrom < fedTo ? Arrays.copyOfRange(fed, fedFrom, fedTo) : NONE;
            fedTo -= fedFrom;
            fedFrom = 0;
            isFedHeld = true;
        }
    }

    /** Holds the line; valid until the next call of {@link #next()} or {@link #finish()}. */
    byte[] array() {
        return array;
    }

    /** Where the line begins. */
    int start() {
        return start;
    }

    /** Where the line ends: its line break is there. */
    int end() {
        return end;
    }

    /** How many lines were dropped because they were longer than the limit, or than there was room for. */
    long tooLong() {
        return tooLong;
    }

    /** For how many of them there was no room when they grew. */
    long refused() {
        return refused;
    }

    /** How much memory it has taken for a line whose end has not come. */
    int unfinishedBytes() {
        return lineIsKept ? 0 : kept.length;
    }

    /** Drops the line whose end has not come, and what is still to come of it. */
    void dropUnfinished() {
        tooLong++;
        drop();
        dropping = true;
    }

    /** Gives up what it has taken beforehand. */
    void spare() {
        if (keptLength == 0) {
            drop();
        }
    }

    /** Gives all its room back: nothing more comes. */
    void close() {
        drop();
    }

    /** How many bytes it holds on to, for lines whose end has not come or that nobody has room for. */
    int heldBytes() {
        return kept.length + (isFedHeld ? fed.length : 0);
    }

    /** How many bytes came of lines that were not given yet. */
    int pendingBytes() {
        return (lineIsKept ? 0 : keptLength) + fedTo - fedFrom;
    }

    private int indexOfLineBreak() {
        byte[] bytes = fed;
        int to = fedTo;
        int i = fedFrom;
        while (i + Long.BYTES <= to) {
            long found = EightBytes.equal(EightBytes.of(bytes, i), '\n');
            if (found != 0) {
                return i + EightBytes.before(found);
            }
            i += Long.BYTES;
        }
        while (i < to && bytes[i] != '\n') {
            i++;
        }
        return i;
    }

    private void give(int lineEnd) {
        if (keptLength == 0) {
            array = fed;
            start = fedFrom;
            end = lineEnd;
        } else {
            append(lineEnd);
            array = kept;
            start = 0;
            end = keptLength;
            lineIsKept = true;
        }
        fedFrom = lineEnd + 1;
    }

    private void keep(int lineEnd) {
        append(lineEnd);
        fedFrom = lineEnd;
    }

    /** Whether the line can be kept up to there, if it has to be; takes the room for it. */
    private boolean hasRoom(int to, boolean isWhole) {
        int needed = keptLength + to - fedFrom;
        if (isWhole && keptLength == 0 || needed <= kept.length) {
            return true;
        }
        // Doubled, so that a long line is not copied at every read; never beyond what a line may take.
        int length = Math.max(needed, (int) Math.min(2L * kept.length, maxLineBytes));
        int more = length - kept.length;
        if (!room.take(more)) {
            refused++;
            return false;
        }
        try {
            kept = Arrays.copyOf(kept, length);
        } catch (OutOfMemoryError e) {
            room.giveBack(more); // else it would be counted for ever
            throw e;
        }
        return true;
    }

    private void append(int to) {
        int needed = keptLength + to - fedFrom;
        System.arraycopy(fed, fedFrom, kept, keptLength, to - fedFrom);
        keptLength = needed;
    }

    private void forgetLine() {
        array = NONE;
        if (lineIsKept) {
            lineIsKept = false;
            keptLength = 0;
            if (kept.length > KEPT_BYTES) {
                drop();
            }
        }
    }

    private void drop() {
        room.giveBack(kept.length);
        kept = NONE;
        keptLength = 0;
    }
}
