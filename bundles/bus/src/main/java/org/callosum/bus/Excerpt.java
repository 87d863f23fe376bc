// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.nio.charset.StandardCharsets;

import org.callosum.api.Printable;

/** Text or bytes from the bus as they may stand in a log line: quoted, shortened, and with nothing that breaks the line. */
final class Excerpt {
    /** Four bytes are the longest character: more than enough for what {@link Printable#quoted} shows. */
    private static final int MAX_BYTES = 4 * 128;

    private Excerpt() {}

    /** The first characters of a text. */
    static String of(String text) {
        return Printable.quoted(text);
    }

    /** The first bytes of a frame, read as UTF-8 as far as they are, as {@link #ofSent}. */
    static String of(byte[] bytes, int from, int to) {
        return ofSent(new String(bytes, from, Math.min(to - from, MAX_BYTES), StandardCharsets.UTF_8));
    }

    /** The first characters of what a client sent: no quote in it ends it, so that who is not to see it can leave it out. */
    static String ofSent(String text) {
        String quoted = of(text);
        return "'" + quoted.substring(1, quoted.length() - 1).replace("'", "\\u0027") + "'";
    }
}
