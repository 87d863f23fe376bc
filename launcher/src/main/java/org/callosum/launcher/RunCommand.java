// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.nio.file.Path;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code callosum run}: starts the runtime and stays until it is told to stop. */
@Command(
        name = "run",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Starts the bus, the dispatcher and the apps, and runs until it is told to stop.",
        footer = {
            "",
            "When all is up, one line on standard output says so:",
            "  ready socket=<path> apps=<n> handlers=<n> ms=<since the process started>",
            "On a terminal a shell opens; its log is in data/log/. Without one the log is on",
            "standard error. SIGTERM, SIGINT, or 'exit' in the shell stop it cleanly: status 0.",
            "",
            "Apps: a jar copied into apps/ is installed and started, an overwritten one",
            "updated, a removed one uninstalled. Settings are in etc/."
        })
final class RunCommand implements Callable<Integer> {
    @Option(
            names = "--journal",
            paramLabel = "DIR",
            description = "The journal's folder. Default: $SOLSTONE_JOURNAL, else ./journal.")
    private Path journal;

    @Option(names = "--no-shell", description = "Opens no shell, even on a terminal.")
    private boolean noShell;

    @Override
    public Integer call() throws Exception {
        throw new LaunchException("not built yet");
    }
}
