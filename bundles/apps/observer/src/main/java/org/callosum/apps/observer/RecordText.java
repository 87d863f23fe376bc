// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.apps.observer;

import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;

import org.callosum.api.Json;

/**
 * The text of an observer's record with a count raised, laid out as the record's other writers do: indented by 2, keys in
 * their order, and characters beyond ASCII as escapes where the record had none of them. So the new text differs from the
 * old one by the number, and only there.
 */
final class RecordText {
    private static final int INDENT = 2;

    private RecordText() {}

    /**
     * The record with one more in its {@code stats}. A count that is missing or {@code null} was 0.
     *
     * @throws IllegalArgumentException if the text is no JSON object, {@code stats} is none, or the count is no number that
     *     one can be added to; the message says which
     */
    static String withOneMore(String json, String count) {
        Map<String, Object> fields = new LinkedHashMap<>(Json.parseObject(json));
        if (!(fields.get("stats") instanceof Map<?, ?> old)) {
            throw new IllegalArgumentException("'stats' is missing from its record, or no object");
        }
        Map<Object, Object> stats = new LinkedHashMap<>(old);
        stats.put(count, oneMore(count, stats.get(count)));
        fields.put("stats", stats);
        String text = Json.write(fields, INDENT);
        return json.chars().allMatch(RecordText::isAscii) ? escaped(text) : text;
    }

    /** Of the type that it was: 1.0 becomes 2.0, not 2. */
    private static Number oneMore(String count, Object value) {
        if (value == null) {
            return 1L;
        }
        if (value instanceof Long number) {
            return BigInteger.valueOf(number).add(BigInteger.ONE);
        }
        if (value instanceof BigInteger number) {
            return number.add(BigInteger.ONE);
        }
        if (value instanceof Double number && Double.isFinite(number)) {
            return number + 1;
        }
        throw new IllegalArgumentException("'stats." + count + "' in its record is no number that one can be added to");
    }

    /** JSON has characters beyond ASCII in strings only, where each may be an escape. */
    private static String escaped(String json) {
        StringBuilder ascii = new StringBuilder(json.length());
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (isAscii(c)) {
                ascii.append(c);
            } else {
                ascii.append(String.format("\\u%04x", (int) c));
            }
        }
        return ascii.toString();
    }

    private static boolean isAscii(int c) {
        return c < 0x80;
    }
}
