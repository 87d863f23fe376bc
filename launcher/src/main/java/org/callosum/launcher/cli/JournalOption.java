// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.nio.file.Path;
import java.util.function.UnaryOperator;

import picocli.CommandLine.Option;

/** The option that says which runtime is meant. */
final class JournalOption {
    private static final String VARIABLE = "SOLSTONE_JOURNAL";
    private static final String DEFAULT = "journal";

    @Option(
            names = "--journal",
            paramLabel = "DIR",
            converter = PathWord.class,
            description = "The journal whose runtime is meant. Default: $$SOLSTONE_JOURNAL, else ./journal.")
    private Path journal;

    /** The journal's folder, absolute. */
    Path folder() {
        return folder(journal, System::getenv).toAbsolutePath().normalize();
    }

    /** The journal that is named, else the environment's, else the one in the working folder. */
    static Path folder(Path named, UnaryOperator<String> environment) {
        if (named != null) {
            return named;
        }
        String variable = environment.apply(VARIABLE);
        return Path.of(variable == null || variable.isEmpty() ? DEFAULT : variable);
    }
}
