// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.api;

import java.util.Optional;

/**
 * The values of a fact, as they stand at the end of its line in the log: the sentence is for people, these are for whoever searches
 * or counts. They come as the last argument that the sentence has a place for, and bring their own space:
 *
 * <pre>{@code
 * logger.warn("{} is full: the oldest page goes{}", notebook, KeyValues.of("notebook", notebook).and("pages", 200));
 * // Diary is full: the oldest page goes [notebook=Diary pages=200]
 * }</pre>
 *
 * <p>Names are those of the runtime's own facts on the bus: lower case with underscores, the unit at the end ({@code backlog_bytes},
 * {@code elapsed_ms}). A value with a space, a quote, {@code =} or {@code ]} in it stands in double quotes, in which {@code "} and
 * {@code \} have a {@code \} before them. Whatever a value is, it is on one line and of bounded length, as {@link Printable} has it:
 * names from the bus may be given as they are.
 *
 * <p>Immutable; a value is read when it is given.
 */
public final class KeyValues {
    /** The longest value that is written whole. */
    private static final int MAX_VALUE = 200;

    private final String text;

    private KeyValues(String text) {
        this.text = text;
    }

    /**
     * One value.
     *
     * @param key lower-case letters, digits and underscores
     * @param value any; it is left out if it is {@code null} or an empty {@link Optional}
     * @throws IllegalArgumentException if the key is none
     */
    public static KeyValues of(String key, Object value) {
        return new KeyValues("").and(key, value);
    }

    /**
     * These, and another one.
     *
     * @param key lower-case letters, digits and underscores
     * @param value any; it is left out if it is {@code null} or an empty {@link Optional}
     * @throws IllegalArgumentException if the key is none
     */
    public KeyValues and(String key, Object value) {
        if (key.isEmpty() || !key.chars().allMatch(KeyValues::isOfKey)) {
            throw new IllegalArgumentException("Key " + Printable.quoted(key)
                    + " has other characters than lower-case letters, digits and underscores");
        }
        Object its = value instanceof Optional<?> some ? some.orElse(null) : value;
        return its == null ? this : new KeyValues(text + ' ' + key + '=' + written(String.valueOf(its)));
    }

    /** These, and behind them those of another one. */
    public KeyValues and(KeyValues others) {
        return new KeyValues(text + others.text);
    }

    /** These without what sets them off from a sentence; empty if there are none. */
    public String pairs() {
        return text.isEmpty() ? "" : text.substring(1);
    }

    /** As it stands behind a sentence: {@code  [key=value key=value]}, with the space; empty if there are none. */
    @Override
    public String toString() {
        return text.isEmpty() ? "" : " [" + pairs() + ']';
    }

    private static boolean isOfKey(int c) {
        return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_';
    }

    private static String written(String value) {
        String line = Printable.of(value, MAX_VALUE);
        boolean isPlain = !line.isEmpty() && line.chars().noneMatch(c -> c == ' ' || c == '"' || c == '=' || c == ']');
        return isPlain ? line : '"' + line.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
