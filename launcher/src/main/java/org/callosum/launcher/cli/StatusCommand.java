// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.time.Duration;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code status}: how the running runtime stands, and whether all of it is up. */
@Command(
        name = "status",
        description = "Shows how the running runtime stands. Ends with status 0 only if all is up.",
        exitCodeList = {
            "0:All is up: the bus, the dispatcher, and the apps.",
            "1:Not all, or not within the time; or no runtime runs there, it is another user's, or it stopped midway;"
                    + " or the output could not be written.",
            "2:Wrong usage."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  callosum status", "  callosum status --wait=60 >/dev/null && callosum send greeter hello"})
public final class StatusCommand extends RuntimeCommand {
    @Option(
            names = "--wait",
            arity = "0..1",
            paramLabel = "SECONDS",
            fallbackValue = "30",
            defaultValue = "0",
            description = "Waits until all is up; for a runtime that starts, too. So many seconds at most,"
                    + " ${FALLBACK-VALUE} if it is not said.")
    private int waitSeconds;

    @Option(names = "--json", description = "Prints JSON.")
    private boolean isJson;

    @Override
    public Integer call() throws InterruptedException {
        if (waitSeconds < 0) {
            throw misuse("Option --wait is " + waitSeconds + ": give seconds, 0 or more");
        }
        ShellCall runtime = runtime();
        int ready = runtime.awaitReady(Duration.ofSeconds(waitSeconds));
        if (ready == ShellCall.NOBODY) {
            return ExitStatus.FAILED;
        }
        int shown = runtime.run("callosum:status" + (isJson ? " --json" : ""));
        return Math.max(ready, shown);
    }
}
