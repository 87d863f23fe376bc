// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.util.stream.Stream;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code remove}. */
@Command(name = "remove", description = "Removes an app from the running runtime, and its jar from the apps' folder.")
public final class RemoveCommand extends RuntimeCommand {
    @Option(
            names = {"-n", "--dry-run"},
            description = "Only shows what would be done.")
    private boolean isDryRun;

    @Parameters(paramLabel = "<app>", description = "The app's name, or its bundle's symbolic name or id.")
    private String app;

    @Override
    public Integer call() {
        return runtime().run(ShellCall.command(isDryRun ? "callosum:remove -n" : "callosum:remove", Stream.of(app)));
    }
}
