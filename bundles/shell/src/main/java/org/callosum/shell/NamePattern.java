// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Which names somebody wants to see: those that hold a text; or, if that has a {@code *} or a {@code ?}, those that it matches as a
 * whole. The case does not matter. Immutable.
 */
final class NamePattern implements Predicate<String> {
    private final Predicate<String> test;

    /** A pattern as it was typed. */
    NamePattern(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.indexOf('*') < 0 && lower.indexOf('?') < 0) {
            test = name -> name.contains(lower);
        } else {
            test = Pattern.compile(regex(lower), Pattern.DOTALL).asMatchPredicate();
        }
    }

    private static String regex(String glob) {
        StringBuilder regex = new StringBuilder();
        for (char c : glob.toCharArray()) {
            regex.append(
                    switch (c) {
                        case '*' -> ".*";
                        case '?' -> ".";
                        default -> Pattern.quote(String.valueOf(c));
                    });
        }
        return regex.toString();
    }

    @Override
    public boolean test(String name) {
        return test.test(name.toLowerCase(Locale.ROOT));
    }
}
