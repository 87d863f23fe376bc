// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that the shell of the running service carries out: the same, with the same output, as somebody types there. */
@Command(
        sortOptions = false,
        descriptionHeading = "%n",
        parameterListHeading = "%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:Done.",
            "1:It failed; or no runtime runs there, it is another user's, or it stopped midway; or the output could not be"
                    + " written.",
            "2:Wrong usage."
        })
abstract class RuntimeCommand implements Callable<Integer> {
    /** At least two letters, as on other systems one is a disk. */
    private static final Pattern URL = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]+:.*");

    @Spec
    private CommandSpec spec;

    @Mixin
    private JournalOption journal = new JournalOption();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this.")
    private boolean isHelpWanted;

    /** The runtime that is meant. */
    final ShellCall runtime() {
        return new ShellCall(spec, journal.folder());
    }

    /** That it was called wrongly. */
    final ParameterException misuse(String what) {
        return new ParameterException(spec.commandLine(), what);
    }

    /** Where a jar is, as the runtime finds it, whose working folder is another one. */
    static String place(String place) {
        return URL.matcher(place).matches()
                ? place
                : Path.of(place).toAbsolutePath().normalize().toString();
    }
}
