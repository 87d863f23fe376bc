// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Looks at eight bytes at a time. The arithmetic is that of 'Bit Twiddling Hacks', 'Determine if a word has a byte less than n'
 * and '... equal to n': the first byte that it finds, counted from the lowest, is right; what it finds behind that may be not.
 */
final class EightBytes {
    private static final VarHandle VIEW = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHEST_BITS = ONES * 0x80;

    private EightBytes() {}

    /** The bytes from an index on, the first one lowest. */
    static long of(byte[] bytes, int index) {
        return (long) VIEW.get(bytes, index);
    }

    /** Which of them are this one. */
    static long equal(long bytes, char ascii) {
        long different = bytes ^ ONES * ascii;
        return (different - ONES) & ~different & HIGHEST_BITS;
    }

    /** How many of them are this one, in whatever order they are. */
    static int count(long bytes, char ascii) {
        long different = bytes ^ ONES * ascii;
        long lowBits = ~HIGHEST_BITS;
        return Long.bitCount(~((different & lowBits) + lowBits | different | lowBits));
    }

    /** Which of them are below this one. */
    static long less(long bytes, char ascii) {
        return (bytes - ONES * ascii) & ~bytes & HIGHEST_BITS;
    }

    /** Which of them are no ASCII. */
    static long beyondAscii(long bytes) {
        return bytes & HIGHEST_BITS;
    }

    /** How many come before the first that was found; there is one. */
    static int before(long found) {
        return Long.numberOfTrailingZeros(found) / Byte.SIZE;
    }
}
