// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.console;

/**
 * Text of unknown origin as a terminal may show it. Characters that move the cursor, reorder what is shown or are not seen
 * become {@code \}{@code uXXXX}, which JSON reads as the same character again.
 *
 * <p>These are the control characters of both ranges (C0 with DEL, and C1, which some terminals take from UTF-8 too), the
 * format characters that Unicode has for writing direction and the like, line and paragraph separators, and surrogates
 * without their other half. The two joiners stay: emoji and several scripts are misspelt without them.
 */
public final class Printable {
    private static final int ZERO_WIDTH_NON_JOINER = 0x200c;
    private static final int ZERO_WIDTH_JOINER = 0x200d;

    private Printable() {}

    /** The text on one line. */
    public static String line(String text) {
        return escape(text, false, Integer.MAX_VALUE);
    }

    /** The text on one line, with {@code …} for what exceeds this many characters. */
    public static String line(String text, int maxCharacters) {
        return escape(text, false, maxCharacters);
    }

    /** The text with its line breaks ({@code \n}) as they are. */
    public static String lines(String text) {
        return escape(text, true, Integer.MAX_VALUE);
    }

    private static String escape(String text, boolean keepLineBreaks, int maxCharacters) {
        StringBuilder printable = new StringBuilder(Math.min(text.length(), maxCharacters) + 1);
        int characters = 0;
        for (int i = 0, c; i < text.length(); i += Character.charCount(c)) {
            if (characters++ == maxCharacters) {
                return printable.append('…').toString();
            }
            c = text.codePointAt(i);
            if (isSafe(c) || keepLineBreaks && c == '\n') {
                printable.appendCodePoint(c);
            } else {
                for (char unit : Character.toChars(c)) {
                    printable.append(String.format("\\u%04x", (int) unit));
                }
            }
        }
        return printable.toString();
    }

    private static boolean isSafe(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.SURROGATE, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                false;
            case Character.FORMAT -> c == ZERO_WIDTH_JOINER || c == ZERO_WIDTH_NON_JOINER;
            default -> true;
        };
    }
}
