// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;

/**
 * Gives frames that have none a time stamp: the field {@code ts}, in milliseconds since 1970, as their last.
 *
 * <p><b>Threads.</b> May be used by any.
 */
final class TimeStamps {
    private final LongSupplier epochMillis;

    /** Within a millisecond all frames get the same. Any thread may replace it. */
    private volatile Ending last = new Ending(-1, new byte[0]);

    /** How a frame with a time stamp ends. */
    private record Ending(long epochMillis, byte[] text) {}

    TimeStamps(LongSupplier epochMillis) {
        this.epochMillis = epochMillis;
    }

    /**
     * A copy of a frame, with the time stamp of now.
     *
     * @param frame a JSON object with at least one field, without white space around it
     */
    byte[] splice(byte[] frame, int from, int to) {
        return splice(ByteBuffer.wrap(frame, from, to - from));
    }

    /** A copy of a frame, with the time stamp of now; as {@link #splice(byte[], int, int)}. */
    byte[] splice(ByteBuffer frame) {
        byte[] ending = ending();
        int kept = frame.remaining() - 1; // all but the closing brace
        byte[] stamped = new byte[kept + ending.length];
        frame.get(stamped, 0, kept);
        System.arraycopy(ending, 0, stamped, kept, ending.length);
        return stamped;
    }

    /** What takes the place of a frame's closing brace: the time stamp of now, and that brace. Not to be changed. */
    byte[] ending() {
        long millis = epochMillis.getAsLong();
        Ending known = last;
        if (known.epochMillis != millis) {
            known = new Ending(millis, (",\"ts\":" + millis + "}").getBytes(StandardCharsets.US_ASCII));
            last = known;
        }
        return known.text;
    }
}
