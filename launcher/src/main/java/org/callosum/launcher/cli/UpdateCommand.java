// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.util.stream.Stream;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code update}. */
@Command(
        name = "update",
        description = "Puts a new version of an app into the place of the one that runs, and reports what it came to.")
public final class UpdateCommand extends RuntimeCommand {
    @Option(
            names = {"-n", "--dry-run"},
            description = "Only shows what would be done.")
    private boolean isDryRun;

    @Parameters(index = "0", paramLabel = "<app>", description = "The app's name, or its bundle's symbolic name or id.")
    private String app;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "<jar>",
            description = "Where the new version is, a path or a URL. Default: where the app was installed from.")
    private String jar;

    @Override
    public Integer call() {
        Stream<String> words = jar == null ? Stream.of(app) : Stream.of(app, place(jar));
        return runtime().run(ShellCall.command(isDryRun ? "callosum:update -n" : "callosum:update", words));
    }
}
