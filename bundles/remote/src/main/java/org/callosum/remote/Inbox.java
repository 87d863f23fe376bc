// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.remote;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Objects;

/**
 * A client's standard input. It is asked for only when somebody reads it: what nobody reads stays with the client.
 *
 * <p><b>Threads.</b> One puts in, any may read.
 */
final class Inbox extends InputStream {
    private final Runnable ask;

    // Guarded by this.

    private byte[] bytes = {};
    private int at;
    private boolean isAsked;
    private boolean isAtEnd;

    /** Calls {@code ask} for more; that must not wait. */
    Inbox(Runnable ask) {
        this.ask = ask;
    }

    /** Takes what came. */
    synchronized void put(byte[] more) {
        byte[] both = new byte[bytes.length - at + more.length];
        System.arraycopy(bytes, at, both, 0, bytes.length - at);
        System.arraycopy(more, 0, both, bytes.length - at, more.length);
        bytes = both;
        at = 0;
        isAsked = false;
        notifyAll();
    }

    /** Takes note that no more comes. */
    synchronized void end() {
        isAtEnd = true;
        notifyAll();
    }

    @Override
    public synchronized int read() throws IOException {
        return await() ? bytes[at++] & 0xff : -1;
    }

    @Override
    public synchronized int read(byte[] to, int from, int length) throws IOException {
        Objects.checkFromIndexSize(from, length, to.length);
        if (length == 0) {
            return 0;
        }
        if (!await()) {
            return -1;
        }
        int part = Math.min(length, bytes.length - at);
        System.arraycopy(bytes, at, to, from, part);
        at += part;
        return part;
    }

    @Override
    public synchronized int available() {
        return bytes.length - at;
    }

    /** Whether there is something; waits for it, or for the end. */
    private boolean await() throws IOException {
        while (at == bytes.length && !isAtEnd) {
            if (!isAsked) {
                isAsked = true;
                ask.run();
            }
            try {
                wait();
            } catch (InterruptedException e) {
                throw new InterruptedIOException("Interrupted while nothing was typed");
            }
        }
        return at < bytes.length;
    }
}
