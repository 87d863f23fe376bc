// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.wire;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A bus of ours: a copy of the distribution, without apps, as a process of its own that can be started again and again.
 *
 * <p><b>Threads.</b> The test's; one more for each start reads what the process says.
 */
final class OwnBus implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 120;

    private final Path home;
    private final Path journal;

    /** What it has said since it was started. Guarded by itself. */
    private final List<String> log = new ArrayList<>();

    /** Written by the test's thread alone, under the log. */
    private Process process;

    /**
     * Copies the distribution.
     *
     * @param folder where the copy and its journal go
     * @param settings of the bus, other than the default ones
     */
    OwnBus(Path folder, Map<String, String> settings) throws IOException {
        Path launcher = Path.of(System.getProperty("callosum.launcher"));
        home = folder.resolve("callosum");
        journal = folder.resolve("journal");
        for (String part : List.of("bin", "lib", "system")) {
            copy(launcher.resolve("target/callosum").resolve(part), home.resolve(part));
        }
        copy(launcher.resolve("src/main/dist/etc"), home.resolve("etc")); // as it is shipped
        Files.createDirectories(home.resolve("apps"));
        List<String> lines = new ArrayList<>();
        settings.forEach((name, value) -> lines.add(name + " = " + value));
        Files.write(home.resolve("etc/org.callosum.bus.cfg"), lines);
    }

    Path socket() {
        return journal.resolve("health/callosum.sock");
    }

    /** Starts it and waits until it serves. */
    void start() throws IOException, InterruptedException {
        launch();
        awaitLog("ready socket=");
    }

    /** Starts it. */
    void launch() throws IOException {
        launch(builder("run", "--journal", journal.toString()));
    }

    /** What runs a command of the distribution, as a process that nobody has told of a journal but this. */
    ProcessBuilder builder(String... command) {
        List<String> words =
                new ArrayList<>(List.of(home.resolve("bin/callosum").toString()));
        words.addAll(List.of(command));
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("JAVA_OPTS", "-Xmx512m");
        builder.environment().remove("SOLSTONE_JOURNAL");
        return builder.redirectInput(Path.of("/dev/null").toFile()).redirectErrorStream(true);
    }

    /** Starts it by what {@link #builder} has made. */
    void launch(ProcessBuilder builder) throws IOException {
        Process started = builder.start();
        synchronized (log) {
            process = started;
            log.clear();
        }
        Thread reader = new Thread(() -> read(started), "output of the bus");
        reader.setDaemon(true);
        reader.start();
    }

    /** What its shell answers. */
    String shell(String command) throws IOException {
        Process shell =
                builder("shell", "--journal", journal.toString(), command).start();
        return new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** The lines with all of these, of what it has said since it was started. */
    List<String> logged(String... parts) {
        synchronized (log) {
            return log.stream()
                    .filter(line -> Stream.of(parts).allMatch(line::contains))
                    .toList();
        }
    }

    /** Waits for a line with all of these, of what it has said since it was started. */
    void awaitLog(String... parts) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        synchronized (log) {
            while (log.stream().noneMatch(line -> Stream.of(parts).allMatch(line::contains))) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    throw new AssertionError("The bus did not say " + String.join(" and ", parts) + " within "
                            + PATIENCE_SECONDS + " s, but " + String.join("\n", log));
                }
                TimeUnit.NANOSECONDS.timedWait(log, left);
            }
        }
    }

    /** Stops it as an operator does, and waits for the end. */
    void stop() throws InterruptedException {
        process.toHandle().destroy();
        awaitEnd();
    }

    /** Kills it as {@code kill -9} does, and waits for the end. */
    void kill() throws InterruptedException {
        process.toHandle().destroyForcibly();
        awaitEnd();
    }

    private void awaitEnd() throws InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("The bus did not end within " + PATIENCE_SECONDS + " s");
        }
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly().onExit().join();
        }
    }

    private void read(Process from) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(from.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                said(from, line);
            }
        } catch (IOException e) {
            said(from, "Its output could not be read any more: " + e);
        }
    }

    private void said(Process by, String line) {
        synchronized (log) {
            if (by == process) { // not one that was killed, behind its successor's first words
                log.add(line);
                log.notifyAll();
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
