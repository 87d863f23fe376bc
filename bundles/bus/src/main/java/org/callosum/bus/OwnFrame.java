// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.nio.ByteBuffer;
import java.util.Map;

import org.callosum.api.Message;

/** The rules for what this runtime puts on a bus: it is a frame, and not too long a one. */
final class OwnFrame {
    private OwnFrame() {}

    /**
     * The message, if it may be sent.
     *
     * @throws IllegalArgumentException if it is not one line, without white space around it, has no tract or no event, or is longer than a frame may be
     */
    static Message checked(Message message, int maxFrameBytes) {
        Map<String, Object> fields = message.toMap();
        for (String name : new String[] {Message.TRACT, Message.EVENT}) {
            if (!(fields.get(name) instanceof String)) {
                throw new IllegalArgumentException("Message " + message + " has no '" + name
                        + "' that is a string: every message on the bus has a tract and an event");
            }
        }
        ByteBuffer frame = message.toUtf8();
        int bytes = frame.remaining();
        if (!isOneLine(frame)) {
            throw new IllegalArgumentException(
                    "Message " + message + " is not one line from '{' to '}': it would be broken"
                            + " into several, for all; make it with Message.parse or Message.of");
        }
        if (bytes > maxFrameBytes) {
            throw new IllegalArgumentException(
                    "Message " + message + " is " + bytes + " bytes long, and a frame may have " + maxFrameBytes
                            + ": send less at once, or raise 'maxFrameBytes'");
        }
        return message;
    }

    private static boolean isOneLine(ByteBuffer frame) {
        int from = frame.position();
        int to = frame.limit();
        if (frame.get(from) != '{' || frame.get(to - 1) != '}') {
            return false;
        }
        int i = from;
        for (; i + Long.BYTES <= to; i += Long.BYTES) {
            if (EightBytes.count(frame.getLong(i), '\n') > 0) {
                return false;
            }
        }
        for (; i < to; i++) {
            if (frame.get(i) == '\n') {
                return false;
            }
        }
        return true;
    }
}
