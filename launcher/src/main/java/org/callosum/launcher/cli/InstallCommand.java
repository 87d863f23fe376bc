// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.util.stream.Stream;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code install}. */
@Command(name = "install", description = "Installs an app into the running runtime and starts it.")
public final class InstallCommand extends RuntimeCommand {
    @Parameters(paramLabel = "<jar>", description = "Where its jar is: a path or a URL.")
    private String jar;

    @Override
    public Integer call() {
        return runtime().run(ShellCall.command("callosum:install", Stream.of(place(jar))));
    }
}
