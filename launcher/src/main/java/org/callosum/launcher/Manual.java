// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * Writes what the build puts into {@code share/}: the manual page, in the language of {@code man(7)}, and the completion for
 * bash and zsh. Both from the commands themselves, so that a new one is in them.
 */
final class Manual {
    /**
     * Read by zsh at the first completion, in its function path. As it reads such a file it expands no alias: what the script
     * has as one is a function.
     */
    private static final String ZSH =
            """
            #compdef callosum
            compopt() { :; }
            %s
            _bash_complete -o default -F _complete_callosum
            """;

    private final StringBuilder page = new StringBuilder();

    private Manual() {}

    /** With the folder that {@code man/} and the completions go to. */
    public static void main(String[] arguments) throws IOException {
        Path share = Path.of(arguments[0]);
        CommandLine commands = Main.commandLine();
        write(share.resolve("man/man1/callosum.1"), page(commands));
        String completion = completion(commands);
        write(share.resolve("bash-completion/completions/callosum"), completion);
        write(share.resolve("zsh/site-functions/_callosum"), ZSH.formatted(completion));
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    /** The completion, for bash and for zsh. */
    static String completion(CommandLine commands) {
        return AutoComplete.bash("callosum", commands);
    }

    /** The manual page. */
    static String page(CommandLine commands) {
        return new Manual().write(commands);
    }

    private String write(CommandLine commands) {
        page.append(".\\\" Made from the commands' own help. SPDX-License-Identifier: AGPL-3.0-only\n");
        line(".TH CALLOSUM 1 \"\" \"Callosum\" \"Callosum\"");
        section("NAME");
        text("callosum \\- " + escape(first(commands)));
        section("SYNOPSIS");
        line(".B callosum");
        line(".I command");
        text("[\\fIoptions\\fR]");
        section("DESCRIPTION");
        text("JAVA_HOME names the Java to use, 17 or later; JAVA_OPTS adds to its options. SOLSTONE_JOURNAL names the"
                + " journal where \\-\\-journal does not. The commands:");
        for (Map.Entry<String, CommandLine> each : commands.getSubcommands().entrySet()) {
            line(".TP");
            line(".B " + escape(each.getKey()));
            text(escape(first(each.getValue())));
        }
        for (CommandLine each : commands.getSubcommands().values()) {
            command(each);
        }
        section("FILES");
        entry("etc/", "Settings, each with its default and what it does, in the folder of the distribution.");
        entry(
                "apps/",
                "The apps: a jar that is copied in is started, one that is overwritten updated, one that goes"
                        + " uninstalled.");
        entry("data/", "What is written at run time: cache, log, class archive. May be deleted while nothing runs.");
        entry("share/systemd/", "Units for systemd, the machine's and a user's.");
        return page.toString();
    }

    private void command(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        UsageMessageSpec usage = spec.usageMessage();
        section("CALLOSUM " + spec.name().toUpperCase(Locale.ROOT));
        verbatim(List.of(command.getHelp().synopsis(0).stripTrailing().split("\n")));
        line(".PP");
        for (String each : usage.description()) {
            text(escape(each));
        }
        for (ArgSpec each : spec.positionalParameters()) {
            if (!each.hidden()) {
                argument(each, each.paramLabel());
            }
        }
        for (OptionSpec each : spec.options()) {
            if (!each.hidden()) {
                String label = each.typeInfo().isBoolean() ? "" : " " + each.paramLabel();
                argument(each, String.join(", ", each.names()) + label);
            }
        }
        if (!usage.exitCodeList().isEmpty()) {
            line(".PP");
            text("Exit status:");
            usage.exitCodeList().forEach(this::entry);
        }
        if (usage.footer().length > 0) {
            line(".PP");
            String heading = usage.footerHeading().replace("%n", "").strip();
            if (!heading.isEmpty()) {
                text(escape(heading));
                line(".PP");
            }
            verbatim(List.of(usage.footer()));
        }
    }

    private void argument(ArgSpec argument, String label) {
        String description = String.join(" ", argument.description())
                .replace("${DEFAULT-VALUE}", String.valueOf(argument.defaultValue()))
                .replace("%%", "%");
        entry(label, description);
    }

    private void entry(String label, String text) {
        line(".TP");
        line(".B " + escape(label));
        text(escape(text));
    }

    private void section(String name) {
        line(".SH \"" + name + "\"");
    }

    private void verbatim(List<String> lines) {
        line(".nf");
        lines.forEach(each -> text(escape(each)));
        line(".fi");
    }

    private void text(String text) {
        // A line that begins with a dot or a quote would be a request; one that is empty is bad style.
        line(text.isBlank() ? "." : text.startsWith(".") || text.startsWith("'") ? "\\&" + text : text);
    }

    private void line(String line) {
        page.append(line).append('\n');
    }

    private static String first(CommandLine command) {
        return command.getCommandSpec().usageMessage().description()[0];
    }

    /** Backslashes are the language's own; of hyphens those are meant that are typed. */
    private static String escape(String text) {
        String plain = Help.Ansi.OFF.string(text);
        return plain.replace("\\", "\\e").replace("-", "\\-").replace("…", "...");
    }
}
