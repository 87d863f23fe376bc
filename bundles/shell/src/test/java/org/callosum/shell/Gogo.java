// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.shell;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.apache.felix.gogo.runtime.CommandProcessorImpl;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;
import org.apache.felix.service.command.CommandSession;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.DumbTerminal;

import static java.nio.charset.StandardCharsets.UTF_8;

/** A session of Gogo itself, whose lines are run as a user types them, without a terminal. */
final class Gogo implements AutoCloseable {
    private final ThreadIOImpl threadIo = new ThreadIOImpl();
    private final CommandProcessorImpl processor;
    private final ByteArrayOutputStream shown = new ByteArrayOutputStream() {
        @Override
        public synchronized void write(byte[] bytes, int from, int count) {
            super.write(bytes, from, count);
            Terminal pressed = busy;
            if (pressed != null) {
                CompletableFuture.runAsync(() -> pressed.raise(Terminal.Signal.INT)) // on the terminal's thread
                        .completeOnTimeout(null, 10, TimeUnit.SECONDS)
                        .join();
            }
        }
    };

    /** Where Ctrl-C is pressed at all that is shown; {@code null} for nowhere. */
    private volatile Terminal busy;

    private final List<Thread> threads = new ArrayList<>();
    final CommandSession session;

    Gogo() {
        threadIo.start();
        processor = new CommandProcessorImpl(threadIo);
        PrintStream screen = new PrintStream(shown, true, UTF_8);
        session = processor.createSession(InputStream.nullInputStream(), screen, screen);
    }

    Gogo add(Object command, String function) {
        processor.addCommand("callosum", command, function);
        return this;
    }

    /** What a line shows; throws what the command throws. */
    String run(String line) throws Exception {
        shown.reset();
        session.execute(line);
        return shown();
    }

    /** Runs a line on a thread of its own. */
    CompletableFuture<Throwable> start(String line) {
        shown.reset();
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        session.execute(line);
                        end.complete(null);
                    } catch (Throwable e) {
                        end.complete(e);
                    }
                },
                "test shell");
        thread.setDaemon(true);
        thread.start();
        threads.add(thread);
        return end;
    }

    /** What the shell does on Ctrl-C, while a command runs. */
    void interrupt() {
        session.foregroundJob().interrupt();
    }

    /** Runs a line at a terminal where Ctrl-C is pressed while it prints; what that showed. */
    String interruptWhilePrinting(String line) throws Exception {
        try (Terminal terminal = new DumbTerminal(InputStream.nullInputStream(), OutputStream.nullOutputStream())) {
            session.put(".terminal", terminal);
            busy = terminal;
            return run(line);
        } finally {
            busy = null;
            session.put(".terminal", null);
        }
    }

    String shown() {
        return shown.toString(UTF_8);
    }

    /** Ends what runs: one that came to an end later would put this one's System.out back in place. */
    @Override
    public void close() {
        session.close();
        threads.addAll(Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().matches("(session|pipe-).*")) // which Gogo runs commands on
                .toList());
        for (Thread thread : threads) {
            try {
                thread.join(10_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        processor.stop();
        threadIo.stop();
    }
}
