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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
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
    private final List<String> log = new CopyOnWriteArrayList<>();
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
        ProcessBuilder builder =
                new ProcessBuilder(home.resolve("bin/callosum").toString(), "run", "--journal", journal.toString());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("JAVA_OPTS", "-Xmx512m");
        builder.environment().remove("SOLSTONE_JOURNAL");
        builder.redirectInput(Path.of("/dev/null").toFile()).redirectErrorStream(true);
        CountDownLatch isReady = new CountDownLatch(1);
        Process started = builder.start();
        process = started;
        Thread reader = new Thread(() -> read(started, isReady), "output of the bus");
        reader.setDaemon(true);
        reader.start();
        if (!isReady.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            close();
            throw new IllegalStateException("The bus is not ready within " + PATIENCE_SECONDS + " s; it said " + log);
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
            throw new IllegalStateException("The bus did not end within " + PATIENCE_SECONDS + " s; it said " + log);
        }
    }

    /** What it has said so far, in all its lives. */
    List<String> log() {
        return List.copyOf(log);
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly().onExit().join();
        }
    }

    private void read(Process from, CountDownLatch isReady) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(from.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                log.add(line);
                if (line.startsWith("ready ")) {
                    isReady.countDown();
                }
            }
        } catch (IOException e) {
            log.add("Its output could not be read any more: " + e);
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
