// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.api;

/**
 * Text of unknown origin, such as a name from the bus, as it may stand in a log line or on a terminal: shortened, and with
 * nothing in it that breaks the line, moves the cursor, hides, or turns the direction of what follows.
 *
 * <p>Control characters of both ranges, format characters, line and paragraph separators, and surrogates without their other
 * half are written as JSON writes them, {@code \}{@code u202e}; so escaped JSON is the same JSON. The two joiners stay:
 * emoji and several scripts are misspelt without them.
 */
public final class Printable {
    /** The longest text that is quoted whole. */
    private static final int MAX_QUOTED = 100;

    private static final int ZERO_WIDTH_NON_JOINER = 0x200c;
    private static final int ZERO_WIDTH_JOINER = 0x200d;

    private Printable() {}

    /** The text on one line, however long. */
    public static String of(String text) {
        return escape(text, Integer.MAX_VALUE, false);
    }

    /**
     * The text on one line, at most so long. One that is cut ends with {@code …}, never within an escape or a pair of
     * surrogates.
     *
     * @param text any text
     * @param maxLength the length of the result at most, in characters, 1 or more
     */
    public static String of(String text, int maxLength) {
        return escape(text, maxLength, false);
    }

    /** The text with its line breaks ({@code \n}) as they are. */
    public static String lines(String text) {
        return escape(text, Integer.MAX_VALUE, true);
    }

    /** The text in single quotes, on one line, cut after {@value #MAX_QUOTED} characters: for an error or a warning. */
    public static String quoted(String text) {
        return '\'' + of(text, MAX_QUOTED) + '\'';
    }

    private static String escape(String text, int maxLength, boolean keepsLineBreaks) {
        StringBuilder printable = new StringBuilder(Math.min(text.length(), maxLength));
        // Where the text is cut if it turns out to be too long: the last place that leaves room for the '…'.
        int cut = 0;
        int next;
        for (int i = 0; i < text.length(); i = next) {
            int c = text.codePointAt(i);
            next = i + Character.charCount(c);
            if (isPlain(c) || keepsLineBreaks && c == '\n') {
                printable.appendCodePoint(c);
            } else {
                for (int unit = i; unit < next; unit++) {
                    printable.append(String.format("\\u%04x", (int) text.charAt(unit)));
                }
            }
            if (printable.length() > maxLength) {
                printable.setLength(cut);
                return printable.append('…').toString();
            }
            if (printable.length() < maxLength) {
                cut = printable.length();
            }
        }
        return printable.toString();
    }

    private static boolean isPlain(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
                false;
            case Character.FORMAT -> c == ZERO_WIDTH_JOINER || c == ZERO_WIDTH_NON_JOINER;
            default -> true;
        };
    }
}
