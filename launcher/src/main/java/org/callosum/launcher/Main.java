// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.callosum.api.Printable;
import org.callosum.launcher.cli.AppsCommand;
import org.callosum.launcher.cli.BenchCommand;
import org.callosum.launcher.cli.HealthCommand;
import org.callosum.launcher.cli.InstallCommand;
import org.callosum.launcher.cli.ListenCommand;
import org.callosum.launcher.cli.RemoveCommand;
import org.callosum.launcher.cli.SendCommand;
import org.callosum.launcher.cli.ShellCommand;
import org.callosum.launcher.cli.StandardOutput;
import org.callosum.launcher.cli.StatusCommand;
import org.callosum.launcher.cli.UpdateCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** The command line of the distribution: what {@code bin/callosum} runs. */
@Command(
        name = "callosum",
        description = "The Callosum event bus and its app handlers.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND")
public final class Main {
    private static final String COMMAND_SUFFIX = "Command";

    /** As the help lists them. Not in the annotation, which takes 20 ms to read. */
    private static final List<Class<?>> COMMANDS = List.of(
            RunCommand.class,
            SendCommand.class,
            ListenCommand.class,
            ShellCommand.class,
            StatusCommand.class,
            HealthCommand.class,
            AppsCommand.class,
            InstallCommand.class,
            UpdateCommand.class,
            RemoveCommand.class,
            BenchCommand.class,
            VersionCommand.class,
            ArchiveCommand.class);

    private Main() {}

    /** Runs the command that the arguments name and ends the process with its exit status. */
    public static void main(String[] arguments) {
        Optional<RunCommand> run = RunCommand.plain(arguments);
        System.exit(run.isPresent() ? run(run.get()) : shown(arguments));
    }

    /** Fails, too, if a command could not write what there was to show. A service is there for something else. */
    private static int shown(String... arguments) {
        int status = commandLine(arguments).execute(arguments);
        boolean isService = arguments.length > 0 && arguments[0].equals(name(RunCommand.class));
        // Who has had enough of what is written, and reads no more, is no failure.
        if (isService || !System.out.checkError() || StandardOutput.hasReader()) {
            return status;
        }
        System.err.println("callosum: " + StandardOutput.complaint(null));
        return status == CommandLine.ExitCode.OK ? CommandLine.ExitCode.SOFTWARE : status;
    }

    private static int run(RunCommand command) {
        try {
            return command.call();
        } catch (Exception e) {
            return report(e);
        }
    }

    /**
     * Only the command that the first word names: to learn what each of them looks like is most of the time that a short
     * command takes. All of them where that word is none of them, as before a help or a complaint.
     */
    static CommandLine commandLine(String... arguments) {
        for (Class<?> each : COMMANDS) {
            if (arguments.length > 0 && arguments[0].equals(name(each))) {
                return configured(
                        new CommandLine(CommandSpec.create().name("callosum")).addSubcommand(arguments[0], each));
            }
        }
        return commandLine();
    }

    /** By its class, which costs less than to read its annotation: {@code SendCommand} is {@code send}. */
    private static String name(Class<?> command) {
        String name = command.getSimpleName();
        return name.substring(0, name.length() - COMMAND_SUFFIX.length()).toLowerCase(Locale.ROOT);
    }

    /** The commands, each with its options, as picocli sees them. */
    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Main());
        COMMANDS.forEach(each -> commandLine.addSubcommand(name(each), each));
        return configured(commandLine);
    }

    private static CommandLine configured(CommandLine commandLine) {
        return commandLine
                .setExpandAtFiles(false) // '@' may begin a word of a message
                .setParameterExceptionHandler(Main::correct)
                .setExecutionExceptionHandler((failure, command, parsed) -> report(failure));
    }

    /** Says what is wrong with the arguments, without the whole help: that would push it off the screen. */
    private static int correct(CommandLine.ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        command.getErr().println(name + ": " + Printable.of(failure.getMessage()));
        CommandLine.UnmatchedArgumentException.printSuggestions(failure, command.getErr());
        command.getErr().println("Try '" + name + " --help'.");
        return CommandLine.ExitCode.USAGE;
    }

    /** A failure that names its remedy is a sentence for the user; any other one is a defect, and shows where. */
    private static int report(Exception failure) {
        if (failure instanceof LaunchException) {
            System.err.println("callosum: " + failure.getMessage());
        } else {
            failure.printStackTrace();
        }
        return CommandLine.ExitCode.SOFTWARE;
    }
}
