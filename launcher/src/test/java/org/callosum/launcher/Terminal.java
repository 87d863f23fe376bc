// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import org.assertj.core.api.Assertions;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * A command on a pseudo-terminal, which {@code script} of util-linux makes, as a user sees and types.
 *
 * <p><b>Threads.</b> One of its own reads what is shown; the test waits for a part of it.
 */
final class Terminal implements AutoCloseable {
    private static final Path SCRIPT = Path.of("/usr/bin/script");
    private static final long PATIENCE_SECONDS = 60;

    /** What moves the cursor, clears, and sets modes: all but the text and its colours. */
    private static final Pattern CONTROL = Pattern.compile("\u001b\\[[?]?[\\d;]*[A-Zahl]|\u001b[=>]|\u001b[()].|\r");

    private final Process process;

    /** Guarded by itself. */
    private final StringBuilder shown = new StringBuilder();

    /** Where what was not awaited yet begins. Guarded by {@code shown}. */
    private int begin;

    /** Guarded by {@code shown}. */
    private boolean hasEnded;

    private Terminal(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "what the terminal shows");
        reader.setDaemon(true);
        reader.start();
    }

    static boolean isPossible() {
        return Files.isExecutable(SCRIPT);
    }

    /** Starts a command, which has no blanks or quotes in its words, on a terminal of that size. */
    static Terminal open(int columns, List<String> command) throws IOException {
        String line = "stty cols " + columns + " rows 50 && exec " + String.join(" ", command);
        var builder = new ProcessBuilder(SCRIPT.toString(), "-qfec", line, "/dev/null").redirectErrorStream(true);
        builder.environment().put("TERM", "xterm");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().remove("SOLSTONE_JOURNAL");
        return new Terminal(builder.start());
    }

    private void read() {
        byte[] bytes = new byte[8_192];
        try (InputStream in = process.getInputStream()) {
            for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
                synchronized (shown) {
                    shown.append(new String(bytes, 0, length, UTF_8));
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

    /** Types a line. */
    void type(String line) throws IOException {
        OutputStream keyboard = process.getOutputStream();
        keyboard.write((line + "\r").getBytes(UTF_8));
        keyboard.flush();
    }

    /** Waits until a text is shown, behind what was awaited last; what is shown up to its end, with its colours alone. */
    String await(String text) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        synchronized (shown) {
            while (true) {
                int found = shown.indexOf(text, begin);
                if (found >= 0) {
                    String until = shown.substring(begin, found + text.length());
                    begin = found + text.length();
                    return CONTROL.matcher(until).replaceAll("");
                }
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                Assertions.assertThat(left > 0 && !hasEnded)
                        .as("'%s' is shown; shown is: %s", text, shown.substring(begin))
                        .isTrue();
                shown.wait(left);
            }
        }
    }

    /** Waits for the command's end; its exit status. */
    int awaitEnd() throws InterruptedException {
        Assertions.assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("it has ended")
                .isTrue();
        return process.exitValue();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
