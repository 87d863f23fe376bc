// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

/** Frames for tests. */
final class Frames {
    private Frames() {}

    /** A frame with a time stamp, a sender and a number. */
    static String numbered(String sender, int number) {
        return "{\"tract\":\"" + sender + "\",\"event\":\"e\",\"ts\":1,\"n\":" + number + "}";
    }

    /** A frame with a time stamp and a number that is exactly so long, its line break not counted. */
    static String ofLength(int bytes, int number) {
        String head = "{\"tract\":\"big\",\"event\":\"e\",\"ts\":1,\"n\":" + number + ",\"pad\":\"";
        return head + "x".repeat(bytes - head.length() - 2) + "\"}";
    }

    /** The number that a frame of the two above has. */
    static int number(String frame) {
        int from = frame.indexOf("\"n\":") + 4;
        int to = from;
        while (Character.isDigit(frame.charAt(to))) {
            to++;
        }
        return Integer.parseInt(frame.substring(from, to));
    }
}
