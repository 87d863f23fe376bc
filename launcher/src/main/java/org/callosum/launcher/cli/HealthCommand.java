// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code health}. */
@Command(
        name = "health",
        description = "Checks whether the running runtime does its work, for monitors: fails if a check is critical.")
public final class HealthCommand extends RuntimeCommand {
    @Option(names = "--json", description = "Prints JSON.")
    private boolean isJson;

    @Override
    public Integer call() {
        return runtime().run("callosum:health" + (isJson ? " --json" : ""));
    }
}
