// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
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
    /** What {@link #awaitReady} gives where there is no runtime; it is said already. */
    static final int NOBODY = -1;

    private static final int CTRL_C = 130;
    private static final long PAUSE_MILLIS = 100;

    private final CommandSpec spec;
    private final Path journal;
    // Not System's: those hide that nobody reads any more, and buffer what is typed.
    private final InputStream in = new FileInputStream(FileDescriptor.in);
    private final StandardOutput out = new StandardOutput();
    private final OutputStream error = new FileOutputStream(FileDescriptor.err);

    /** Calls the runtime of this journal; what goes wrong is said in the command's name. */
    ShellCall(CommandSpec spec, Path journal) {
        this.spec = spec;
        this.journal = journal;
    }

    /** A word as the shell takes it, literally: between single quotes nothing has a meaning but their end. */
    static String quoted(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
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
        int status = said(end);
        return isInterrupted.get() ? CTRL_C : status;
    }

    /**
     * Waits until the runtime says that all is up; for one that is not there yet, too. If it does not come to that, says why.
     *
     * @return 0 if all is up, 1 if not, {@link #NOBODY} if there is nobody to ask
     */
    int awaitReady(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (true) {
            long left = Math.max(0, end - System.nanoTime());
            int status;
            String problem;
            try (ShellClient client = ShellClient.connect(journal)) {
                End ready = client.run(
                        new Request("callosum:ready --wait " + TimeUnit.NANOSECONDS.toSeconds(left), "", 0, 0),
                        InputStream.nullInputStream(),
                        OutputStream.nullOutputStream(),
                        OutputStream.nullOutputStream());
                if (ready.status() == 0) {
                    return ExitStatus.DONE;
                }
                status = ready.status();
                problem = ready.message();
            } catch (IOException e) { // it is not there yet, or stops, perhaps to start again
                status = NOBODY;
                problem = e.getMessage();
            }
            if (System.nanoTime() >= end) {
                complain(problem);
                return status;
            }
            Thread.sleep(PAUSE_MILLIS); // nobody tells of a socket that comes
        }
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
            return said(end);
        } catch (IOException e) {
            complain(e.getMessage());
            return ExitStatus.FAILED;
        }
    }

    /** Says what there is to be said of the end, and gives the exit status. */
    private int said(End end) {
        if (out.complaint().isPresent()) {
            complain(out.complaint().get());
            return ExitStatus.FAILED;
        }
        if (!end.message().isEmpty()) {
            complain(end.message());
        }
        return end.status();
    }

    /** Says what went wrong. */
    void complain(String text) {
        spec.commandLine().getErr().println(spec.qualifiedName() + ": " + Printable.lines(text));
        spec.commandLine().getErr().flush();
    }
}
