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
        byte[] ending = (",\"ts\":" + epochMillis.getAsLong() + "}").getBytes(StandardCharsets.US_ASCII);
        int kept = frame.remaining() - 1; // all but the closing brace
        byte[] stamped = new byte[kept + ending.length];
        frame.get(stamped, 0, kept);
        System.arraycopy(ending, 0, stamped, kept, ending.length);
        return stamped;
    }
}
