// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;

/**
 * Cuts a stream of bytes into lines, wherever its reads end. The bytes are not decoded, so a read may end in the middle of
 * a character too.
 *
 * <p>A line is given without the {@code \n} or {@code \r\n} that ends it; the last one may lack that. A line longer than
 * the limit is given cut to one byte more than the limit, so that its length tells; it costs no more memory than that.
 *
 * <p><b>Threads.</b> Used by one thread.
 */
public final class Lines {
    private static final int READ_BYTES = 64 << 10;

    private final ReadableByteChannel source;
    private final int maxBytes;

    private byte[] buffer = new byte[READ_BYTES];
    /** Where the current line begins. */
    private int start;
    /** Up to where it was searched for its end. */
    private int searched;
    /** Up to where the buffer is filled. */
    private int filled;
    /** Whether the current line is over the limit: what follows of it is dropped. */
    private boolean cutting;

    /**
     * Reads from a source.
     *
     * @param source a blocking channel; not closed here
     * @param maxBytes the longest line that is given whole
     */
    public Lines(ReadableByteChannel source, int maxBytes) {
        this.source = source;
        this.maxBytes = maxBytes;
    }

    /** The next line; waits for it. {@code null} at the end. */
    public byte[] next() throws IOException {
        byte[] line = poll();
        while (line == null && fill()) {
            line = poll();
        }
        return line == null ? rest() : line;
    }

    /** The next line if all of it was read already, else {@code null}. */
    public byte[] poll() {
        while (searched < filled) {
            if (buffer[searched++] == '\n') {
                byte[] line = line(searched - 1);
                start = searched;
                cutting = false;
                return line;
            }
        }
        if (cutting || filled - start > maxBytes) {
            cutting = true;
            filled = start + maxBytes + 1;
            searched = filled;
        }
        return null;
    }

    private byte[] line(int end) {
        if (end - start > maxBytes) {
            return Arrays.copyOfRange(buffer, start, start + maxBytes + 1);
        }
        boolean carriageReturn = end > start && buffer[end - 1] == '\r';
        return Arrays.copyOfRange(buffer, start, carriageReturn ? end - 1 : end);
    }

    private byte[] rest() {
        if (start == filled) {
            return null;
        }
        byte[] line = line(filled);
        start = filled;
        cutting = false;
        return line;
    }

    private boolean fill() throws IOException {
        if (start > 0) {
            System.arraycopy(buffer, start, buffer, 0, filled - start);
            filled -= start;
            searched -= start;
            start = 0;
        }
        if (filled == buffer.length) {
            buffer = Arrays.copyOf(buffer, buffer.length * 2);
        }
        int read = source.read(ByteBuffer.wrap(buffer, filled, buffer.length - filled));
        filled += Math.max(read, 0);
        return read >= 0;
    }
}
