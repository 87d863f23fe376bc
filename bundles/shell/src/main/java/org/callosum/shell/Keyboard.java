// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.apache.felix.service.command.CommandSession;

/**
 * The keys that are pressed while a command shows something, one by one. Felix's shell and Karaf's keep their JLine terminal in a
 * variable of the session; it is used as far as it is there, and by reflection, for each has a JLine of its own. Where there is none,
 * no key is ever pressed.
 *
 * <p><b>Threads.</b> One.
 */
final class Keyboard implements AutoCloseable {
    /** What JLine's reader gives when the time is over; -1 is the end. */
    private static final int NOTHING = -2;

    private final CountDownLatch none = new CountDownLatch(1);
    private final Object terminal;
    private final Object reader;
    private final Object attributes;

    private Keyboard(Object terminal, Object reader, Object attributes) {
        this.terminal = terminal;
        this.reader = reader;
        this.attributes = attributes;
    }

    /** The keyboard of a session, if its command's output is shown on the terminal. */
    static Keyboard of(CommandSession session, Screen screen) {
        Object terminal = screen.isTerminal() ? JLine.terminal(session) : null;
        if (terminal != null) {
            try {
                Object reader = JLine.call(terminal, "reader");
                return new Keyboard(terminal, reader, JLine.call(terminal, "enterRawMode"));
            } catch (ReflectiveOperationException notJLine) {
                // Then no key is ever pressed.
            }
        }
        return new Keyboard(null, null, null);
    }

    /** Waits for a key; the key, or -1 if none was pressed in that time. */
    int key(Duration patience) throws InterruptedException {
        if (reader == null) {
            none.await(patience.toNanos(), TimeUnit.NANOSECONDS);
            return -1;
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        int key;
        try {
            key = (Integer) JLine.call(reader, "read", Math.max(1, patience.toMillis()));
        } catch (ReflectiveOperationException failed) {
            if (Thread.interrupted() || failed.getCause() instanceof InterruptedIOException) {
                throw new InterruptedException();
            }
            key = -1;
        }
        if (key == NOTHING) {
            return -1;
        }
        if (key < 0) {
            throw new InterruptedException(); // the terminal is gone
        }
        return key;
    }

    /** Sets the terminal back. */
    @Override
    public void close() {
        if (terminal != null) {
            try {
                JLine.call(terminal, "setAttributes", attributes);
            } catch (ReflectiveOperationException gone) {
                // Then nobody types on it any more.
            }
        }
    }
}
