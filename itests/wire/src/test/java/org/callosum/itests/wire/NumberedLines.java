// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The numbered frames of one tract that a socket brings; those of others are passed over. Blocks, and is not thread-safe. */
final class NumberedLines {
    private final SocketChannel channel;
    private final byte[] tract;
    private byte[] bytes = new byte[1 << 18];
    private int from;
    private int to;

    NumberedLines(SocketChannel channel, String tract) {
        this.channel = channel;
        this.tract = ("\"" + tract + "\"").getBytes(StandardCharsets.US_ASCII);
    }

    /** The next one; {@code null} at the end. */
    NumberedFrame next() throws IOException {
        int looked = from;
        while (true) {
            for (; looked < to; looked++) {
                if (bytes[looked] == '\n') {
                    int start = from;
                    from = ++looked;
                    if (isOurs(start, looked - 1)) {
                        return NumberedFrame.of(bytes, start, looked - 1);
                    }
                }
            }
            if (!fill()) {
                return null;
            }
            looked = to - lastRead;
        }
    }

    private int lastRead;

    private boolean fill() throws IOException {
        if (from > 0) {
            System.arraycopy(bytes, from, bytes, 0, to - from);
            to -= from;
            from = 0;
        }
        if (to == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * to);
        }
        lastRead = channel.read(ByteBuffer.wrap(bytes, to, bytes.length - to));
        if (lastRead < 0) {
            return false;
        }
        to += lastRead;
        return true;
    }

    private boolean isOurs(int start, int end) {
        for (int i = start; i <= Math.min(end, start + 64) - tract.length; i++) {
            if (Arrays.equals(bytes, i, i + tract.length, tract, 0, tract.length)) {
                return true;
            }
        }
        return false;
    }
}
