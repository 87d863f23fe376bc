// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.util.concurrent.Callable;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code callosum archive}: makes the class archive of this distribution and this Java. */
@Command(
        name = "archive",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Makes what lets the other commands start quickly.",
        footer = {
            "",
            "It is an archive of loaded classes, in data/cds/, and belongs to one place and one",
            "Java. The build makes it; 'run' makes it anew, a minute after its start, where",
            "there is none that fits: a copied folder, another Java, a new version. It takes",
            "some seconds. Without one all works, and starts more slowly."
        })
final class ArchiveCommand implements Callable<Integer> {
    @Override
    public Integer call() throws LaunchException, InterruptedException {
        new ClassArchive(Distribution.current()).make();
        return CommandLine.ExitCode.OK;
    }
}
