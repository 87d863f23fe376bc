// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.Map;

import org.callosum.api.Message;

/** The rules for what this runtime puts on a bus: it is a frame, and not too long a one. */
final class OwnFrame {
    private OwnFrame() {}

    /**
     * The message, if it may be sent.
     *
     * @throws IllegalArgumentException if it has no tract or no event, or is longer than a frame may be
     */
    static Message checked(Message message, int maxFrameBytes) {
        Map<String, Object> fields = message.toMap();
        for (String name : new String[] {Message.TRACT, Message.EVENT}) {
            if (!(fields.get(name) instanceof String)) {
                throw new IllegalArgumentException("Message " + message + " has no '" + name
                        + "' that is a string: every message on the bus has a tract and an event");
            }
        }
        int bytes = message.toUtf8().remaining();
        if (bytes > maxFrameBytes) {
            throw new IllegalArgumentException(
                    "Message " + message + " is " + bytes + " bytes long, and a frame may have " + maxFrameBytes
                            + ": send less at once, or raise 'maxFrameBytes'");
        }
        return message;
    }
}
