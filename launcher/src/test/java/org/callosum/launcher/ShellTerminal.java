// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.assertj.core.api.Assertions;

/**
 * A command at a pseudo-terminal of 100 columns, as {@code script} of util-linux makes it: a test that needs it fails where
 * that is missing.
 *
 * <p><b>Threads.</b> One of its own reads what is shown.
 */
final class ShellTerminal implements AutoCloseable {
    private static final long PATIENCE_MILLIS = 30_000;

    private final Process process;
    private final Path device;
    private final Path settings;
    private final StringBuilder shown = new StringBuilder();
    private int awaited;
    private boolean hasEnded;

    private ShellTerminal(Process process, Path device, Path settings) {
        this.process = process;
        this.device = device;
        this.settings = settings;
    }

    /** Runs the distribution's script with these arguments. */
    static ShellTerminal open(Path folder, Path home, String... arguments) throws IOException, InterruptedException {
        Assertions.assertThat(Path.of("/usr/bin/script"))
                .as("what makes a pseudo-terminal (Debian: 'apt-get install bsdutils')")
                .isExecutable();
        Path device = folder.resolve("device");
        Path settings = folder.resolve("settings");
        Path run = folder.resolve("run-at-terminal");
        Files.writeString(
                run,
                "#!/bin/sh\nstty cols 100 rows 30\ntty >'" + device + "'\n'" + home.resolve("bin/callosum")
                        + "' \"$@\"\n" + "status=$?\nstty -a >'" + settings + "'\nexit $status\n");
        List<String> command =
                List.of("/usr/bin/script", "-qfec", "sh '" + run + "' " + String.join(" ", arguments), "/dev/null");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("TERM", "xterm");
        builder.environment().remove("SOLSTONE_JOURNAL");
        ShellTerminal terminal = new ShellTerminal(builder.start(), device, settings);
        Thread reader = new Thread(terminal::read, "what the terminal shows");
        reader.setDaemon(true);
        reader.start();
        return terminal;
    }

    /**
     * Waits until this is shown, behind what was waited for last; colours, and what else moves nothing, do not count. What was shown
     * in between.
     */
    synchronized String await(String text) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
        while (true) {
            String plain = plain();
            int at = plain.indexOf(text, awaited);
            if (at >= 0) {
                String between = plain.substring(awaited, at);
                awaited = at + text.length();
                return between;
            }
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (hasEnded || left <= 0) {
                throw new AssertionError("Expected '" + text + "' but there was: " + plain.substring(awaited));
            }
            wait(left);
        }
    }

    /** Whether this is shown, behind what was waited for last. */
    boolean shows(String text) {
        return plain().indexOf(text, awaited) >= 0;
    }

    /** Types. */
    void type(String keys) throws IOException {
        process.getOutputStream().write(keys.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** Gives the terminal another width, as a window that is dragged has it. */
    void resize(int columns) throws IOException, InterruptedException {
        String name = Files.readString(device).strip();
        int status = new ProcessBuilder("stty", "-F", name, "cols", Integer.toString(columns))
                .inheritIO()
                .start()
                .waitFor();
        Assertions.assertThat(status).as("status of stty").isZero();
    }

    int awaitEnd() throws InterruptedException {
        Assertions.assertThat(process.waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS))
                .as("the command at the terminal ended; it showed %s", plain())
                .isTrue();
        return process.exitValue();
    }

    /** The terminal's settings when the command had ended, as {@code stty -a} shows them. */
    String settingsAfter() throws IOException {
        return Files.readString(settings);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private synchronized String plain() {
        return shown.toString().replaceAll("\u001b\\[[?0-9;]*[a-zA-Z]|\u001b[=>]|\r", "");
    }

    private void read() {
        byte[] bytes = new byte[8192];
        try (InputStream in = process.getInputStream()) {
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                synchronized (this) {
                    shown.append(new String(bytes, 0, count, StandardCharsets.UTF_8));
                    notifyAll();
                }
            }
        } catch (IOException e) {
            // Closed: the end.
        } finally {
            synchronized (this) {
                hasEnded = true;
                notifyAll();
            }
        }
    }
}
