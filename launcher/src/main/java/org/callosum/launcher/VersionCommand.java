// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.util.concurrent.Callable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code version}: what {@code --version} says, too. */
@Command(
        name = "version",
        versionProvider = Version.class,
        description = "Shows the version of this distribution, and of Java.")
final class VersionCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this.")
    private boolean isHelpWanted;

    @Override
    public Integer call() {
        CommandLine command = spec.commandLine();
        command.printVersionHelp(command.getOut());
        command.getOut().flush();
        return CommandLine.ExitCode.OK;
    }
}
