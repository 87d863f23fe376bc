// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.karaf;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A stock Karaf as its start script runs it on a pseudo-terminal, which {@code script} of util-linux makes, and its shell, typed
 * into as a user does.
 *
 * <p>Nothing is told from the prompt or from the typed line, which the line editor draws in pieces, and again while it is typed:
 * behind each command another one is typed, whose output differs from what is typed, and that output is waited for.
 *
 * <p><b>Threads.</b> One of its own reads what is shown. One test thread calls the methods.
 */
final class KarafTerminal implements AutoCloseable {
    private static final Path SCRIPT = Path.of("/usr/bin/script");
    private static final long PATIENCE_SECONDS = 120;

    /** After that long without an answer a line is typed again: Karaf's shell may not have been there to take it. */
    private static final long AGAIN_MILLIS = 2_000;

    private static final char CTRL_C = '\u0003';

    /** What the shell says of a command that is not there yet: it is there before its commands. */
    private static final String UNKNOWN = "Command not found";

    /** What moves the cursor, clears, sets modes and colours: all but the text. */
    private static final Pattern CONTROL = Pattern.compile("\u001b\\[[?]?[\\d;]*[A-Za-z]|\u001b[=>]|\u001b[()].|\r");

    /** What is done again and again until it shows. */
    @FunctionalInterface
    interface Attempt {
        /** Does it once. */
        void make() throws IOException;
    }

    private final KarafHome home;
    private final Process process;

    /** Guarded by itself. */
    private final StringBuilder shown = new StringBuilder();

    /** Guarded by {@code shown}. */
    private boolean hasEnded;

    /** Where what is shown since the last command begins. */
    private int lastCommand;

    private int marks;

    private KarafTerminal(KarafHome home, Process process) {
        this.home = home;
        this.process = process;
        Thread reader = new Thread(this::read, "what Karaf's terminal shows");
        reader.setDaemon(true);
        reader.start();
    }

    static boolean isPossible() {
        return Files.isExecutable(SCRIPT);
    }

    /** Unpacks Karaf into an empty folder and starts it on a terminal of that width; waits until its shell does what is typed. */
    static KarafTerminal open(Path folder, int columns) throws IOException, InterruptedException {
        KarafHome home = KarafHome.unpack(folder);
        String line = "stty cols " + columns + " rows 50 && export TERM=xterm && exec '" + home.script() + "'";
        KarafTerminal terminal = new KarafTerminal(home, home.start(SCRIPT.toString(), "-qfec", line, "/dev/null"));
        try {
            terminal.settle();
            return terminal;
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            terminal.close();
            throw e;
        }
    }

    /** The bus's socket. */
    Path socket() {
        return home.socket();
    }

    /**
     * Types a command and waits until it has shown a text and is done.
     *
     * @param text a part of its output that is not in the command
     * @return all that was shown since it was typed, with its colours
     */
    String run(String command, String text) throws IOException, InterruptedException {
        begin(command, text);
        return settle();
    }

    /** Types a command, again if the shell does not know it yet, and waits until it has shown a text. */
    void begin(String command, String text) throws IOException, InterruptedException {
        long deadline = deadline();
        while (true) {
            type(command);
            if (!shows(all -> all.contains(text) || all.contains(UNKNOWN), deadline)) {
                throw missing(text);
            }
            if (shows(all -> all.contains(text), System.nanoTime())) { // by now
                return;
            }
            settle();
        }
    }

    /** Types a line. What is shown from now on is its output. */
    void type(String line) throws IOException {
        synchronized (shown) {
            lastCommand = shown.length();
        }
        press(line + "\r");
    }

    /** Does something again and again until the command that was typed last shows a text. */
    void awaitAfter(Attempt attempt, String text) throws IOException, InterruptedException {
        long deadline = deadline();
        do {
            attempt.make();
            long again = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(AGAIN_MILLIS);
            if (shows(all -> all.contains(text), again)) {
                return;
            }
        } while (deadline - System.nanoTime() > 0);
        throw missing(text);
    }

    /** Waits until the shell does what is typed: the command before is done then. All that was shown since that was typed. */
    String settle() throws IOException, InterruptedException {
        marks++;
        String line = "shell:echo do''ne-" + marks + "\r";
        awaitAfter(() -> press(line), "done-" + marks + "\n");
        synchronized (shown) {
            return shown.substring(lastCommand);
        }
    }

    /** Presses Ctrl-C. */
    void interrupt() throws IOException {
        press(String.valueOf(CTRL_C));
    }

    /** Presses keys. */
    void press(String keys) throws IOException {
        OutputStream keyboard = process.getOutputStream();
        keyboard.write(keys.getBytes(StandardCharsets.UTF_8));
        keyboard.flush();
    }

    /** What was shown, as text alone. */
    static String plain(String shown) {
        return CONTROL.matcher(shown).replaceAll("");
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** Whether what is shown since the last command is as wanted, before the deadline. */
    private boolean shows(Predicate<String> wanted, long deadline) throws InterruptedException {
        synchronized (shown) {
            while (!wanted.test(plain(shown.substring(lastCommand)))) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    return false;
                }
                if (hasEnded) {
                    throw new AssertionError("Karaf has ended; it has shown: " + plain(shown.toString()));
                }
                shown.wait(left);
            }
            return true;
        }
    }

    private AssertionError missing(String text) {
        synchronized (shown) {
            return new AssertionError("'" + text + "' is not shown within " + PATIENCE_SECONDS + " s, but: "
                    + plain(shown.substring(lastCommand)));
        }
    }

    private static long deadline() {
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    }

    private void read() {
        char[] part = new char[8_192];
        try (Reader in = new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)) {
            for (int length = in.read(part); length >= 0; length = in.read(part)) {
                synchronized (shown) {
                    shown.append(part, 0, length);
                    shown.notifyAll();
                }
            }
        } catch (IOException closed) {
            // Then there is no more.
        } finally {
            synchronized (shown) {
                hasEnded = true;
                shown.notifyAll();
            }
        }
    }
}
