// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.remote.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * How it ended.
 *
 * @param status the exit status: 0 if all is done
 * @param message what standard error is to say about it; empty if nothing
 */
public record End(int status, String message) {
    /** All is done. */
    public static final End DONE = new End(0, "");

    /** The status of what was not done. */
    public static final int FAILED = 1;

    /** Reads it. */
    public static End of(Frame frame) throws IOException {
        if (frame.bytes().length < Integer.BYTES) {
            throw new IOException("The frame " + FrameType.END + " is cut off");
        }
        ByteBuffer bytes = ByteBuffer.wrap(frame.bytes());
        int status = bytes.getInt();
        return new End(status, StandardCharsets.UTF_8.decode(bytes).toString());
    }

    /** Writes it. */
    public Frame toFrame() {
        byte[] text = message.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(text.length, Frame.MAX_BYTES - Integer.BYTES);
        return new Frame(
                FrameType.END,
                ByteBuffer.allocate(Integer.BYTES + length)
                        .putInt(status)
                        .put(text, 0, length)
                        .array());
    }
}
