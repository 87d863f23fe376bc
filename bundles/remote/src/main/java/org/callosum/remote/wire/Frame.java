// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.remote.wire;

import java.nio.ByteBuffer;

/**
 * One frame.
 *
 * @param type what it is about
 * @param bytes what it holds; belongs to the frame
 */
public record Frame(FrameType type, byte[] bytes) {
    /** The longest that is taken: a command line is no longer than what a system lets one type. */
    public static final int MAX_BYTES = 1 << 20;

    private static final byte[] NOTHING = {};

    /** A frame that its type says all of. */
    public static Frame of(FrameType type) {
        return new Frame(type, NOTHING);
    }

    /** The terminal's size. */
    public static Frame size(int columns, int rows) {
        return new Frame(
                FrameType.SIZE,
                ByteBuffer.allocate(2 * Short.BYTES)
                        .putShort((short) columns)
                        .putShort((short) rows)
                        .array());
    }
}
