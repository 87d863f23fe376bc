// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.journal;

/**
 * The name of a segment: {@code HHMMSS_<seconds>}, six ASCII digits, {@code _}, and one to nine more. Safe as the name of a
 * folder or file.
 *
 * <p>Whether the clock has that time is not asked, as with a {@link Day}.
 *
 * @param name the name
 */
public record Segment(String name) {
    private static final SafeName RULE = new SafeName("segment", "[0-9]{6}_[0-9]{1,9}", "it is HHMMSS_<seconds>");

    /** Checks the name; throws an {@link IllegalArgumentException} whose message may be logged. */
    public Segment {
        RULE.check(name);
    }

    /**
     * The segment that a message's field names.
     *
     * @param field the field's value, of any type
     * @throws IllegalArgumentException if it is no segment; the message names the field, the value and the rule
     */
    public static Segment of(Object field) {
        return new Segment(RULE.check(field));
    }

    /** The name. */
    @Override
    public String toString() {
        return name;
    }
}
