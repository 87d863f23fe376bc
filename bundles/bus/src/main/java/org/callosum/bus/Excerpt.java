// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.nio.charset.StandardCharsets;

/** Text or bytes from the bus as they may stand in a log line: quoted, shortened, and with nothing that breaks the line. */
final class Excerpt {
    private static final int MAX_CHARS = 100;

    private Excerpt() {}

    /** The first characters of a text. */
    static String of(String text) {
        StringBuilder excerpt = new StringBuilder().append('\'');
        text.codePoints().limit(MAX_CHARS).forEach(c -> append(excerpt, c));
        if (text.codePointCount(0, text.length()) > MAX_CHARS) {
            excerpt.append('…');
        }
        return excerpt.append('\'').toString();
    }

    /** The first bytes of a frame, read as UTF-8 as far as they are. */
    static String of(byte[] bytes, int from, int to) {
        // Four bytes are the longest character: enough for the limit and for the sign that something follows.
        int end = Math.min(to, from + 4 * (MAX_CHARS + 1));
        return of(new String(bytes, from, end - from, StandardCharsets.UTF_8));
    }

    private static void append(StringBuilder excerpt, int c) {
        int type = Character.getType(c);
        if (Character.isISOControl(c)
                || type == Character.FORMAT
                || type == Character.SURROGATE
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR) {
            excerpt.append(String.format("\\u%04x", c));
        } else {
            excerpt.appendCodePoint(c);
        }
    }
}
