// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;

class ManualTest {
    private final CommandLine commands = Main.commandLine();

    @Test
    void everyCommandHasItsChapterAndEachOfItsOptions() {
        String page = Manual.page(commands);

        commands.getSubcommands().forEach((name, command) -> {
            String chapter = ".SH \"CALLOSUM " + name.toUpperCase(Locale.ROOT) + "\"\n";
            assertThat(page).contains(chapter);
            String text = page.substring(page.indexOf(chapter) + 1).split("\n\\.SH ")[0];
            command.getCommandSpec().options().stream()
                    .filter(option -> !option.hidden())
                    .forEach(option ->
                            assertThat(text).contains(option.longestName().replace("-", "\\-")));
        });
    }

    @Test
    void theFormatterOfManualPagesHasNothingToSay(@TempDir Path folder) throws Exception {
        Path page = Files.writeString(folder.resolve("callosum.1"), Manual.page(commands));
        Assumptions.assumeTrue(status("command -v groff", page).isEmpty(), "no groff");

        assertThat(status("LC_ALL=C.UTF-8 groff -man -ww -K utf8 -T utf8 \"$1\" > \"$1.txt\"", page))
                .isEmpty();
        assertThat(Files.readString(folder.resolve("callosum.1.txt"))).contains("CALLOSUM", "journal");
    }

    @Test
    void bashCompletesCommandsAndTheirOptions(@TempDir Path folder) throws Exception {
        Path script = Files.writeString(folder.resolve("callosum"), Manual.completion(commands));
        Assumptions.assumeTrue(status("command -v bash", script).isEmpty(), "no bash");

        assertThat(bash(script, "callosum li")).contains("listen");
        assertThat(bash(script, "callosum run --sa")).contains("--safe");
    }

    /** Through a terminal, as zsh completes nowhere else; with a key that asks for it. */
    @Test
    void zshCompletesThem(@TempDir Path folder) throws Exception {
        Manual.main(new String[] {folder.toString()});
        Assumptions.assumeTrue(status("command -v zsh", folder).isEmpty(), "no zsh");

        assertThat(zsh(folder.resolve("zsh/site-functions"), "callosum li")).contains("callosum listen");
        assertThat(zsh(folder.resolve("zsh/site-functions"), "callosum run --sa"))
                .contains("callosum run --safe");
    }

    private static String zsh(Path functions, String typed) throws Exception {
        String test =
                """
                zmodload zsh/zpty
                zpty typist zsh -f -i
                zpty -w typist "PS1=; fpath=($1 \\$fpath); autoload -U compinit && compinit -u -D; setopt nobeep; print rea''dy"
                zpty -r typist line '*ready*'
                zpty -w -n typist "$2"$'\\t'
                zpty -w -n typist $'\\C-a: said \\C-e\\n'
                zpty -w typist "print do''ne"
                zpty -r typist said '*done*'
                print -r -- "$said"
                """;
        return output("zsh", "-f", "-c", test, "test", functions.toString(), typed);
    }

    private static String bash(Path script, String typed) throws Exception {
        String test =
                """
                . "$1"; COMP_LINE=$2; COMP_POINT=${#COMP_LINE}; COMP_WORDS=($2); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _complete_callosum callosum "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
                printf '%s\\n' "${COMPREPLY[@]}"
                """;
        return output("bash", "-c", test, "test", script.toString(), typed);
    }

    /** What a shell says that runs a command with a file; its exit status if that is not 0. */
    private static String status(String command, Path file) throws Exception {
        return output("sh", "-c", "{ " + command + "; } 2>&1 >/dev/null || echo failed", "test", file.toString());
    }

    private static String output(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return text.strip();
    }
}
