// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.journal;

/**
 * Text from the bus as it may stand in a log line: shortened, and with nothing in it that breaks the line, hides in it or
 * turns its direction. Control and format characters, line and paragraph separators and surrogates without their other half
 * are written as JSON writes them, {@code \}{@code u202e}.
 */
public final class Printable {
    /** The longest name that an error or a warning quotes. */
    private static final int MAX_QUOTED = 100;

    private Printable() {}

    /**
     * The text, at most so long. One that is cut ends with {@code …}, never within an escape or a pair of surrogates.
     *
     * @param text any text
     * @param maxLength the length of the result at most, in characters, 1 or more
     */
    public static String of(String text, int maxLength) {
        StringBuilder printable = new StringBuilder(Math.min(text.length(), maxLength));
        // Where the text is cut if it turns out to be too long: the last place that leaves room for the '…'.
        int cut = 0;
        int next;
        for (int i = 0; i < text.length(); i = next) {
            int c = text.codePointAt(i);
            next = i + Character.charCount(c);
            if (isPlain(c)) {
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

    /** A name in quotes, shortened, for an error or a warning. */
    public static String quoted(String name) {
        return '\'' + of(name, MAX_QUOTED) + '\'';
    }

    private static boolean isPlain(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> false;
            default -> true;
        };
    }
}
