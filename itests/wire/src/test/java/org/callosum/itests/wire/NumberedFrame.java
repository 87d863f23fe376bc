// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A frame of the traffic between processes: who sent it, and which of its frames it is. Its length depends on both, and whoever
 * gets it can tell whether it is whole.
 *
 * @param sender from 0 on
 * @param number from 1 on; 0 is a sender's or receiver's greeting
 */
record NumberedFrame(int sender, int number) {
    private static final byte[] SENDER = ascii("\"sender\"");
    private static final byte[] NUMBER = ascii("\"number\"");
    private static final byte[] FILLER = ascii("\"filler\"");

    /** The frame with its line break. */
    byte[] toLine(String tract) {
        return ascii("{\"tract\":\"" + tract + "\",\"event\":\"numbered\",\"sender\":" + sender + ",\"number\":"
                + number + ",\"filler\":\"" + "x".repeat(fillerLength()) + "\"}\n");
    }

    /** Most are short, one in a thousand has 64 KiB. */
    private int fillerLength() {
        return number % 1_000 == 999 ? 1 << 16 : (number * 31 + sender * 7) % 400;
    }

    /**
     * Reads a line, however it is spaced: by hand, since a process that reads hundreds of thousands has better to do.
     *
     * @throws AssertionError if it is not as it was sent
     */
    static NumberedFrame of(byte[] line, int from, int to) {
        NumberedFrame frame = new NumberedFrame((int) number(line, after(SENDER, line, from, to), to), (int)
                number(line, after(NUMBER, line, from, to), to));
        int start = after(FILLER, line, from, to) + 1;
        int end = start;
        while (end < to && line[end] == 'x') {
            end++;
        }
        if (end - start != frame.fillerLength() || line[start - 1] != '"' || line[end] != '"' || line[to - 1] != '}') {
            throw new AssertionError(
                    frame + " is damaged: " + new String(line, from, to - from, StandardCharsets.ISO_8859_1));
        }
        return frame;
    }

    private static int after(byte[] name, byte[] line, int from, int to) {
        for (int i = from; i <= to - name.length; i++) {
            if (Arrays.equals(line, i, i + name.length, name, 0, name.length)) {
                int at = i + name.length;
                while (line[at] == ' ' || line[at] == ':') {
                    at++;
                }
                return at;
            }
        }
        throw new AssertionError("There is no " + new String(name, StandardCharsets.US_ASCII) + " in "
                + new String(line, from, to - from, StandardCharsets.ISO_8859_1));
    }

    private static long number(byte[] line, int from, int to) {
        long number = 0;
        for (int i = from; i < to && line[i] >= '0' && line[i] <= '9'; i++) {
            number = number * 10 + line[i] - '0';
        }
        return number;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
