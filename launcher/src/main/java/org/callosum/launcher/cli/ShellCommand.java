// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code shell}: the shell of the runtime that runs already. */
@Command(
        name = "shell",
        description = {
            "Opens the shell of the runtime that runs on a journal, or has it run commands.",
            "With a terminal and without commands: line editing, history, completion with Tab; 'exit' or Ctrl-D"
                    + " leaves the shell and not the runtime. The output of commands is not altered."
        },
        customSynopsis = {
            "callosum shell [options]",
            "       callosum shell [options] '<commands>'",
            "       callosum shell [options] < FILE"
        },
        descriptionHeading = "%n",
        parameterListHeading = "%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:Done; or whoever reads the output has had enough and closed it.",
            "1:A command failed, and what came behind it was not run; or no runtime runs there, it is another"
                    + " user's, or it stopped midway; or the output could not be written.",
            "2:Wrong usage.",
            "130:Ctrl-C.",
            "n:What the command 'exit n' says."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  callosum shell",
            "  callosum shell 'handlers | grep observe'",
            "  callosum shell 'release 42; status'"
        })
public final class ShellCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private JournalOption journal = new JournalOption();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this.")
    private boolean isHelpWanted;

    @Parameters(
            arity = "0..*",
            paramLabel = "<commands>",
            description =
                    "What to run, in the shell's own language: 'help' lists the commands. Without any, and without a"
                            + " terminal, they are read from the standard input.")
    private List<String> commands = List.of();

    @Override
    public Integer call() throws IOException {
        ShellCall call = new ShellCall(spec, journal.folder());
        if (!commands.isEmpty()) {
            return call.run(String.join(" ", commands));
        }
        if (LocalTerminal.isThere()) {
            return call.talk();
        }
        return call.run(new String(System.in.readAllBytes(), StandardCharsets.UTF_8));
    }
}
