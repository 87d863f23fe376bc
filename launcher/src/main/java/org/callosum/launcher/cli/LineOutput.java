// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Takes what is written apart into lines, wherever a write ends. One thread's. */
final class LineOutput extends OutputStream {
    private final Taker taker;
    private final Flusher flusher;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    /** Takes a line, without its end. */
    interface Taker {
        /** Takes it; what it throws ends the write. */
        void take(byte[] line) throws IOException;
    }

    /** Is told that nothing more is there for now. */
    interface Flusher {
        /** Passes on what was taken. */
        void flush() throws IOException;
    }

    LineOutput(Taker taker, Flusher flusher) {
        this.taker = taker;
        this.flusher = flusher;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        int begin = from;
        for (int at = from; at < from + length; at++) {
            if (bytes[at] == '\n') {
                line.write(bytes, begin, at - begin);
                begin = at + 1;
                byte[] whole = line.toByteArray();
                line.reset();
                taker.take(whole);
            }
        }
        line.write(bytes, begin, from + length - begin);
    }

    @Override
    public void flush() throws IOException {
        flusher.flush();
    }
}
