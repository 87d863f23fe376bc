// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.Optional;

import org.callosum.api.Printable;

/** What commands have in common in what is typed after them. */
final class Options {
    /** Shows a list as JSON. */
    static final String JSON = "--json";

    /** What {@link #JSON} does, for a command's help. */
    static final String JSON_HELP = "print JSON, for scripts: numbers in base units, the unit in the name";

    private Options() {}

    /**
     * The one word that may follow a command.
     *
     * @param words what follows it, without the options that it knows
     * @param usage how it is written
     * @throws IllegalArgumentException if there are more, or one that looks like an option
     */
    static Optional<String> optional(String[] words, String usage) {
        for (String word : words) {
            if (word.startsWith("-") && word.length() > 1) {
                throw new IllegalArgumentException(
                        "There is no option " + Printable.quoted(word) + " here. Write: " + usage);
            }
        }
        if (words.length > 1) {
            throw new IllegalArgumentException("Too many words. Write: " + usage);
        }
        return words.length == 0 ? Optional.empty() : Optional.of(words[0]);
    }

    /**
     * The one word that has to follow a command, as {@link #optional}.
     *
     * @throws IllegalArgumentException if it is missing, too
     */
    static String required(String[] words, String usage) {
        return optional(words, usage).orElseThrow(() -> new IllegalArgumentException("Write: " + usage));
    }
}
