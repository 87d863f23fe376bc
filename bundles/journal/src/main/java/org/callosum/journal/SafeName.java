// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.journal;

import java.util.regex.Pattern;

import org.callosum.api.Printable;

/** The rule for one kind of name. A name that follows it is one folder's name: no separator, no {@code ..}, not too long. */
final class SafeName {
    private final String field;
    private final Pattern pattern;
    private final String rule;

    /**
     * @param field what such a name is called on the bus
     * @param pattern what the whole name matches
     * @param rule the pattern in words, as a warning puts it
     */
    SafeName(String field, String pattern, String rule) {
        this.field = field;
        this.pattern = Pattern.compile(pattern);
        this.rule = rule;
    }

    /**
     * The value, if it is a name of this kind; else an {@link IllegalArgumentException} that says what it should be. Digits
     * may come as a whole number: a command line's {@code day=20260101} is one.
     */
    String check(Object value) {
        Object name = value instanceof Long digits ? digits.toString() : value;
        if (name instanceof String text && pattern.matcher(text).matches()) {
            return text;
        }
        String given = name instanceof String text ? Printable.quoted(text) : "not a string";
        throw new IllegalArgumentException("Field '" + field + "' is " + given + ": " + rule);
    }
}
