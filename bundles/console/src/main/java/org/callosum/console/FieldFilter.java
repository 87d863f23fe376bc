// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.console;

import java.util.Map;
import java.util.function.Predicate;

import org.callosum.api.Message;
import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;

/**
 * A filter over a message's fields, a handler's or a listener's, as OSGi Compendium 113 ({@code event.filter}) and OSGi Core 3.2.7 have it:
 * {@code event.matches(filter)} says the same of the event that a plain handler gets, but that a topic is no field.
 *
 * <p>The specification decides: names of fields are case-sensitive, though those of service properties are not; a value is
 * compared in the field's own type, and does not match if the filter's text is none of that type, so {@code (n=5.0)} does
 * not match the whole number 5; of a list any element will do, in any depth. {@code null} is as good as missing. What it
 * leaves to us: an object is there, and matches nothing else.
 *
 * <p>A text from the bus is a value, never a pattern.
 */
public final class FieldFilter implements Predicate<Message> {
    /** Deeper ones could overflow the stack: while they are read, or, worse, while an event is dispatched. */
    private static final int MAX_DEPTH = 100;

    private final Filter filter;

    private FieldFilter(Filter filter) {
        this.filter = filter;
    }

    /**
     * Reads a filter.
     *
     * @throws IllegalArgumentException if it is malformed; the message says what is wrong with it
     */
    public static FieldFilter parse(String text) {
        if (isDeeperThanAllowed(text)) {
            throw new IllegalArgumentException("nested deeper than " + MAX_DEPTH);
        }
        try {
            // Not the bundle context's: Felix has rules of its own there.
            return new FieldFilter(FrameworkUtil.createFilter(text));
        } catch (InvalidSyntaxException e) {
            String repeated = ": " + text;
            String problem = e.getMessage();
            throw new IllegalArgumentException(
                    problem.endsWith(repeated) ? problem.substring(0, problem.length() - repeated.length()) : problem,
                    e);
        }
    }

    private static boolean isDeeperThanAllowed(String text) {
        int depth = 0;
        for (int i = 0; i < text.length() && depth <= MAX_DEPTH; i++) {
            switch (text.charAt(i)) {
                case '\\' -> i++; // what follows is part of a value
                case '(' -> depth++;
                case ')' -> depth--;
                default -> {}
            }
        }
        return depth > MAX_DEPTH;
    }

    @Override
    public boolean test(Message message) {
        Map<String, Object> fields;
        try {
            fields = message.toMap();
        } catch (IllegalArgumentException notJson) {
            return true; // no bus hands such a thing on. Whoever reads it fails, and that is logged; so nothing is lost
            // in silence
        }
        return filter.matches(fields);
    }
}
