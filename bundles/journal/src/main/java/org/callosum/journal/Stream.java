// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.journal;

/**
 * The name of a stream of segments: {@code [a-z0-9][a-z0-9._-]*}, at most 255 characters, the longest name a folder can
 * have. Safe as the name of a folder or file.
 *
 * @param name the name
 */
public record Stream(String name) {
    private static final SafeName RULE = new SafeName(
            "stream",
            "[a-z0-9][a-z0-9._-]{0," + (JournalFolder.MAX_NAME - 1) + "}",
            "it is made of a-z, 0-9, '.', '_' and '-', begins with a letter or digit, and has at most "
                    + JournalFolder.MAX_NAME + " characters");

    /** Checks the name; throws an {@link IllegalArgumentException} whose message may be logged. */
    public Stream {
        RULE.check(name);
    }

    /**
     * The stream that a message's field names.
     *
     * @param field the field's value, of any type
     * @throws IllegalArgumentException if it is no stream; the message names the field, the value and the rule
     */
    public static Stream of(Object field) {
        return new Stream(RULE.check(field));
    }

    /** The name. */
    @Override
    public String toString() {
        return name;
    }
}
