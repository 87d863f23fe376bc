// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Gives the same {@code String} for the same short name as long as no other one takes its place. Its memory is bounded, whatever
 * names strangers send. Not thread-safe.
 */
final class NameCache {
    private static final int PLACES = 256;
    private static final int LONGEST = 64;

    private final String[] names = new String[PLACES];

    /** The one that was given last, which mostly is the next one, too; and its bytes. */
    private String last = "";

    private byte[] lastBytes = {};

    /** The name that these bytes, which are ASCII, stand for. */
    String get(byte[] bytes, int from, int to) {
        if (Arrays.equals(bytes, from, to, lastBytes, 0, lastBytes.length)) {
            return last;
        }
        int length = to - from;
        if (length > LONGEST) {
            return new String(bytes, from, length, StandardCharsets.US_ASCII);
        }
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + bytes[i];
        }
        int place = (hash ^ hash >>> 8 ^ hash >>> 16) & PLACES - 1;
        String known = names[place];
        if (known == null || !isSame(known, bytes, from, length)) {
            known = new String(bytes, from, length, StandardCharsets.US_ASCII);
            names[place] = known;
        }
        last = known;
        lastBytes = Arrays.copyOfRange(bytes, from, to);
        return known;
    }

    private static boolean isSame(String known, byte[] bytes, int from, int length) {
        if (known.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (known.charAt(i) != bytes[from + i]) {
                return false;
            }
        }
        return true;
    }
}
