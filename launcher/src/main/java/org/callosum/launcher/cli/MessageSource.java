// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;

import org.callosum.api.Message;
import org.callosum.bus.Connection;
import org.callosum.bus.Lines;

/** Where the messages that are to be sent come from, one after the other. Used by one thread. */
@FunctionalInterface
interface MessageSource {
    /**
     * The next message; waits for it. {@code null} after the last one.
     *
     * @throws InvalidInputException if what comes next is no message
     * @throws IOException if it cannot be read
     */
    Message next() throws IOException, InvalidInputException;

    /** One message. */
    static MessageSource of(Message message) {
        Iterator<Message> rest = List.of(message).iterator();
        return () -> rest.hasNext() ? rest.next() : null;
    }

    /** A message a line; blank lines are passed over. */
    static MessageSource of(Lines lines) {
        return new MessageSource() {
            private long number;

            @Override
            public Message next() throws IOException, InvalidInputException {
                byte[] line;
                do {
                    line = lines.next();
                    number++;
                } while (line != null && Connection.isBlank(line));
                return line == null ? null : message(line);
            }

            private Message message(byte[] line) throws InvalidInputException {
                if (line.length > Connection.MAX_LINE_BYTES) {
                    throw new InvalidInputException(
                            "Line " + number + " is longer than " + (Connection.MAX_LINE_BYTES >> 20) + " MiB");
                }
                try {
                    return Connection.parse(line);
                } catch (IllegalArgumentException e) {
                    throw new InvalidInputException("Line " + number + ": " + e.getMessage());
                }
            }
        };
    }

    /** Says that what was to be sent is no message. */
    final class InvalidInputException extends Exception {
        private static final long serialVersionUID = 1L;

        InvalidInputException(String message) {
            super(message);
        }
    }
}
