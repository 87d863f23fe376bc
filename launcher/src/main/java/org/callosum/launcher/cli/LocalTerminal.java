// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The terminal that this process has, in raw mode while it is open: every key goes to the runtime, Ctrl-C too, and what comes
 * from there is shown as it is.
 *
 * <p>By {@code stty}, which every Unix has: the runtime has the line editor, and a library for two settings here would cost
 * every start of the command line more than the one process does. In the end, also at a signal that ends this process, the
 * terminal is as it was; a {@code kill -9} leaves it raw, as it does with every editor, until {@code stty sane} or
 * {@code reset}.
 *
 * <p><b>Threads.</b> Any thread; it is put back once.
 */
final class LocalTerminal {
    /** {@code bin/callosum} says whether standard input and output are a terminal; a JDK may not (22 to 24 always say yes). */
    private static final String PROPERTY = "callosum.terminal";

    private final String settings;
    private final AtomicBoolean isClosed = new AtomicBoolean();
    private final Thread atExit = new Thread(this::restore, "callosum-terminal");

    /**
     * How large it is.
     *
     * @param columns 0 if that is not known
     * @param rows 0 if that is not known
     */
    record Size(int columns, int rows) {
        static final Size UNKNOWN = new Size(0, 0);
    }

    private LocalTerminal(String settings) {
        this.settings = settings;
    }

    /** Whether there is one. */
    static boolean isThere() {
        return Boolean.getBoolean(PROPERTY);
    }

    /** Its type, as the environment has it. */
    static String type() {
        String type = System.getenv("TERM");
        return type == null || type.isEmpty() ? "dumb" : type;
    }

    /** Its size now. */
    static Size size() {
        try {
            String[] numbers = stty("size").strip().split(" ");
            return new Size(Integer.parseInt(numbers[1]), Integer.parseInt(numbers[0]));
        } catch (IOException | RuntimeException e) {
            return Size.UNKNOWN;
        }
    }

    /**
     * Makes it raw.
     *
     * @throws IOException if it cannot be
     */
    static LocalTerminal raw() throws IOException {
        LocalTerminal terminal = new LocalTerminal(stty("-g").strip());
        Runtime.getRuntime().addShutdownHook(terminal.atExit); // first: what follows may be cut off
        stty("raw", "-echo");
        return terminal;
    }

    /** Puts it back. */
    void close() {
        restore();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException exiting) {
            // Then it runs, and finds nothing to do.
        }
    }

    private void restore() {
        if (isClosed.compareAndSet(false, true)) {
            try {
                stty(settings);
            } catch (IOException e) {
                System.err.println("callosum: the terminal could not be put back: type 'stty sane' and Ctrl-J");
            }
        }
    }

    private static String stty(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("stty"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectInput(Redirect.INHERIT)
                .redirectError(Redirect.DISCARD)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            int status = process.waitFor();
            if (status != 0) {
                throw new IOException("'" + String.join(" ", command) + "' ended with status " + status);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted", e);
        }
        return text;
    }
}
