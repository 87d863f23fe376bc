// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.util.Arrays;
import java.util.List;

import org.apache.felix.service.command.Parameter;

/**
 * What all commands have in common: words that Gogo finds no call for are an error that says how the command is written.
 *
 * <p>A command that takes words takes them as {@code CharSequence...}: of a list that is typed alone, {@code [a b]}, Gogo makes
 * the array, and in one of strings it cannot put the list's words, which are none. Not as {@code Object...}, for which it would make
 * 7 of {@code 007}.
 */
public abstract class Command {
    /**
     * Is called by Gogo instead of the command's own method if the words do not fit that: an option without its value, a number that
     * is none, too many words. Gogo itself would only say what it 'cannot coerce'.
     *
     * <p>A method of this name is a candidate for every command of its object, and of two that fit Gogo takes the one for which it
     * has to convert less. The options, which nobody can type, have to be converted: so it is never this one.
     *
     * @param nameAndWords the command's name, and what was typed after it
     * @throws IllegalArgumentException always
     */
    public final void _main(
            @Parameter(names = "\0a", presentValue = "true", absentValue = "false") boolean never,
            @Parameter(names = "\0b", presentValue = "true", absentValue = "false") boolean andNever,
            @Parameter(names = "\0c", presentValue = "true", absentValue = "false") boolean andNeverAgain,
            @Parameter(names = "\0d", presentValue = "true", absentValue = "false") boolean norThen,
            String... nameAndWords) {
        List<String> all = Arrays.asList(nameAndWords);
        throw Usage.of(all.get(0)).misfit(all.subList(1, all.size()));
    }
}
