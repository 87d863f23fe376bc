// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;

import org.callosum.api.Json;
import org.callosum.api.Message;
import org.callosum.api.Printable;

/** Messages as {@code listen} writes them, those that are wanted and so many of them. One thread's. */
final class Listing {
    private static final int INDENT = 2;
    private static final int BUFFER_BYTES = 64 << 10;

    private final OutputStream lines;
    private final Predicate<Message> isWanted;
    private final boolean isPretty;
    private final long count;
    private long seen;

    /**
     * Writes nothing yet.
     *
     * @param isPretty for people: a field a line, and an empty line after each message
     * @param count how many are enough; 0 if none are
     */
    Listing(OutputStream output, Predicate<Message> isWanted, boolean isPretty, long count) {
        this.lines = new BufferedOutputStream(output, BUFFER_BYTES);
        this.isWanted = isWanted;
        this.isPretty = isPretty;
        this.count = count;
    }

    /** Writes a message if it is wanted and there are not enough yet; not through to who reads. */
    void add(Message message) throws IOException {
        if (!isEnough() && isWanted.test(message)) {
            lines.write(text(message));
            lines.write('\n');
            seen++;
        }
    }

    /** Has who reads the output see all there is. */
    void flush() throws IOException {
        lines.flush();
    }

    /** Whether there were as many as are wanted. */
    boolean isEnough() {
        return count > 0 && seen >= count;
    }

    /** How many were written. */
    long seen() {
        return seen;
    }

    private byte[] text(Message message) {
        if (isPretty) {
            String text = Printable.lines(Json.write(message.toMap(), INDENT)) + "\n";
            return text.getBytes(StandardCharsets.UTF_8);
        }
        ByteBuffer utf8 = message.toUtf8();
        byte[] bytes = new byte[utf8.remaining()];
        utf8.get(bytes);
        return bytes;
    }
}
