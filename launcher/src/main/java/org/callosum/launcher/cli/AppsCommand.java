// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code apps}. */
@Command(
        name = "apps",
        description = "Shows the apps of the running runtime: their bundles, and their handlers' numbers.")
public final class AppsCommand extends RuntimeCommand {
    @Option(names = "--json", description = "Prints JSON.")
    private boolean isJson;

    @Override
    public Integer call() {
        return runtime().run("callosum:apps" + (isJson ? " --json" : ""));
    }
}
