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

    /**
     * Where a JSON string cannot go on as it is: the lowest bit that is set is in the first byte that ends it, begins an escape, is
     * a control character or is no ASCII; those above mean nothing.
     */
    static long endOfPlainText(long bytes) {
        // Less than one borrows from the byte above, but only where a lower one was found; and what is no ASCII is
        // found anyway.
        return ((bytes ^ ONES * '"') - ONES | (bytes ^ ONES * '\\') - ONES | bytes - ONES * ' ' | bytes) & HIGHEST_BITS;
    }

    /** How many of them are this one, in whatever order they are. */
    static int count(long bytes, char ascii) {
        long different = bytes ^ ONES * ascii;
        long lowBits = ~HIGHEST_BITS;
        return Long.bitCount(~((different & lowBits) + lowBits | different | lowBits));
    }

    /** How many come before the first that was found; there is one. */
    static int before(long found) {
        return Long.numberOfTrailingZeros(found) / Byte.SIZE;
    }
}
