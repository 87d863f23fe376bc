// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.callosum.api.Printable;
import org.callosum.remote.client.ShellClient;
import org.callosum.remote.wire.End;
import org.callosum.remote.wire.Request;
import picocli.CommandLine.Model.CommandSpec;

/** Has the shell of a running service do something, with this process's input and output. */
final class ShellCall {
    private static final int CTRL_C = 130;
    /** Beside letters and digits, what means nothing between double quotes. */
    private static final String PLAIN = "/._-+:@,= ";

    private final CommandSpec spec;
    private final Path journal;
    // Not System's: those hide that nobody reads any more, and buffer what is typed.
    private final InputStream in = new FileInputStream(FileDescriptor.in);
    private final OutputStream out = new FileOutputStream(FileDescriptor.out);
    private final OutputStream error = new FileOutputStream(FileDescriptor.err);

    /** Calls the runtime of this journal; what goes wrong is said in the command's name. */
    ShellCall(CommandSpec spec, Path journal) {
        this.spec = spec;
        this.journal = journal;
    }

    /** A word as the shell takes it, whatever is in it: what is no letter or digit could mean something, so it is escaped. */
    static String quoted(String word) {
        StringBuilder quoted = new StringBuilder("\"");
        word.chars().forEach(c -> {
            if (c < 0x80 && Character.isLetterOrDigit(c) || PLAIN.indexOf(c) >= 0) {
                quoted.append((char) c);
            } else {
                quoted.append(String.format("\\u%04x", c));
            }
        });
        return quoted.append('"').toString();
    }

    /** A command and its words, as the shell takes it. */
    static String command(String name, Stream<String> words) {
        return Stream.concat(Stream.of(name), words.map(ShellCall::quoted)).collect(Collectors.joining(" "));
    }

    /** Runs commands and gives their exit status. */
    int run(String commands) {
        try (ShellClient client = ShellClient.connect(journal)) {
            return run(client, commands);
        } catch (IOException e) {
            complain(e.getMessage());
            return ExitStatus.FAILED;
        }
    }

    /** Runs commands over a connection that is there. */
    int run(ShellClient client, String commands) throws IOException {
        LocalTerminal.Size size = LocalTerminal.isThere() ? LocalTerminal.size() : LocalTerminal.Size.UNKNOWN;
        String type = LocalTerminal.isThere() ? LocalTerminal.type() : "";
        AtomicBoolean isInterrupted = new AtomicBoolean();
        Signals.handle("INT", () -> {
            if (isInterrupted.getAndSet(true)) {
                Runtime.getRuntime().halt(CTRL_C); // the command does not care
            }
            client.interrupt();
        });
        End end = client.run(new Request(commands, type, size.columns(), size.rows()), in, out, error);
        say(end);
        return isInterrupted.get() ? CTRL_C : end.status();
    }

    /** Talks with whoever is at the terminal. */
    int talk() {
        try (ShellClient client = ShellClient.connect(journal)) {
            End end;
            LocalTerminal terminal = LocalTerminal.raw();
            try {
                Signals.handle("WINCH", () -> {
                    LocalTerminal.Size size = LocalTerminal.size();
                    client.resize(size.columns(), size.rows());
                });
                LocalTerminal.Size size = LocalTerminal.size();
                end = client.run(new Request(null, LocalTerminal.type(), size.columns(), size.rows()), in, out, error);
            } finally {
                terminal.close();
            }
            say(end);
            return end.status();
        } catch (IOException e) {
            complain(e.getMessage());
            return ExitStatus.FAILED;
        }
    }

    private void say(End end) {
        if (!end.message().isEmpty()) {
            complain(end.message());
        }
    }

    /** Says what went wrong. */
    void complain(String text) {
        spec.commandLine().getErr().println(spec.qualifiedName() + ": " + Printable.lines(text));
        spec.commandLine().getErr().flush();
    }
}
