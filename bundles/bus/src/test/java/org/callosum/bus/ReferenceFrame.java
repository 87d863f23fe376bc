// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

import org.callosum.api.Json;

/** What a line is, decided again, as plainly as can be: by the definition of UTF-8 and by a parser that builds all values. */
final class ReferenceFrame {
    private ReferenceFrame() {}

    static boolean isBlank(byte[] line) {
        return trimmed(line).isEmpty();
    }

    /** The frame's fields; empty if the line is no frame. */
    static Optional<Map<String, Object>> fields(byte[] line) {
        if (!isUtf8(line)) {
            return Optional.empty();
        }
        String text = trimmed(line);
        if (text.startsWith("\ufeff")) {
            return Optional.empty();
        }
        try {
            Map<String, Object> fields = Json.parseObject(text);
            return fields.get("tract") instanceof String && fields.get("event") instanceof String
                    ? Optional.of(fields)
                    : Optional.empty();
        } catch (IllegalArgumentException notJson) {
            return Optional.empty();
        }
    }

    private static String trimmed(byte[] line) {
        return new String(line, StandardCharsets.UTF_8).replaceAll("^[ \t\r\n]+|[ \t\r\n]+$", "");
    }

    /** The Unicode standard's table 3-7. */
    private static boolean isUtf8(byte[] bytes) {
        int i = 0;
        while (i < bytes.length) {
            int first = bytes[i++] & 0xff;
            if (first <= 0x7f) {
                continue;
            }
            int more = first >= 0xc2 && first <= 0xdf ? 1 : first >= 0xe0 && first <= 0xef ? 2 : 3;
            if (first < 0xc2 || first > 0xf4 || i + more > bytes.length) {
                return false;
            }
            int second = bytes[i] & 0xff;
            int lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
            int highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
            if (second < lowest || second > highest) {
                return false;
            }
            for (int k = 1; k < more; k++) {
                int next = bytes[i + k] & 0xff;
                if (next < 0x80 || next > 0xbf) {
                    return false;
                }
            }
            i += more;
        }
        return true;
    }
}
