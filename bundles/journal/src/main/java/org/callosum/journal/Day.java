// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.journal;

/**
 * The name of a day: {@code YYYYMMDD}, eight ASCII digits. Safe as the name of a folder or file.
 *
 * <p>Whether the calendar has that day is not asked: the rule keeps strangers' names in the journal, and no digit leads out.
 *
 * @param name the name
 */
public record Day(String name) {
    private static final SafeName RULE = new SafeName("day", "[0-9]{8}", "it is YYYYMMDD");

    /** Checks the name; throws an {@link IllegalArgumentException} whose message may be logged. */
    public Day {
        RULE.check(name);
    }

    /**
     * The day that a message's field names.
     *
     * @param field the field's value, of any type
     * @throws IllegalArgumentException if it is no day; the message names the field, the value and the rule
     */
    public static Day of(Object field) {
        return new Day(RULE.check(field));
    }

    /** The name. */
    @Override
    public String toString() {
        return name;
    }
}
