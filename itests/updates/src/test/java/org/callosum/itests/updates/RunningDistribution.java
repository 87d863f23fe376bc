// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.updates;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.callosum.itests.cases.AppJar;
import org.callosum.itests.updating.UpdatedRuntime;

/**
 * A copy of the distribution that the build made, which runs as a process of its own.
 *
 * <p><b>Threads.</b> One of its own reads what it says.
 */
final class RunningDistribution implements UpdatedRuntime, AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    private final Path home;
    private final Path journal;
    private final Process process;
    private final List<String> log = new CopyOnWriteArrayList<>();
    private final CountDownLatch ready = new CountDownLatch(1);

    private RunningDistribution(Path home, Path journal, Process process) {
        this.home = home;
        this.journal = journal;
        this.process = process;
        Thread reader = new Thread(this::read, "output of the distribution");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Copies and starts it, and waits until all is up.
     *
     * @param launcher the launcher's module
     * @param folder where the copy and its journal go
     * @param pollMillis how often it looks at its folder of apps
     */
    static RunningDistribution start(Path launcher, Path folder, int pollMillis)
            throws IOException, InterruptedException {
        Path home = folder.resolve("callosum");
        Path journal = folder.resolve("journal");
        for (String part : List.of("bin", "lib", "system")) {
            copy(launcher.resolve("target/callosum").resolve(part), home.resolve(part));
        }
        copy(
                launcher.resolve("src/main/dist/etc"),
                home.resolve("etc")); // as it is shipped, whatever was changed in place
        Files.createDirectories(home.resolve("apps"));
        Files.writeString(home.resolve("etc/framework.properties"), "felix.fileinstall.poll=" + pollMillis + "\n");
        ProcessBuilder builder =
                new ProcessBuilder(home.resolve("bin/callosum").toString(), "run", "--journal", journal.toString());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().remove("SOLSTONE_JOURNAL");
        builder.redirectInput(Path.of("/dev/null").toFile()).redirectErrorStream(true);
        RunningDistribution running = new RunningDistribution(home, journal, builder.start());
        if (!running.ready.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            running.close();
            throw new IllegalStateException(
                    "The distribution is not ready within " + PATIENCE_SECONDS + " s; it said " + running.log);
        }
        return running;
    }

    @Override
    public Path socket() {
        return journal.resolve("health/callosum.sock");
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public List<String> log() {
        return log;
    }

    @Override
    public void install(AppJar app) throws IOException {
        app.moveTo(jar(app));
    }

    /** Overwrites its jar in place, as a plain copy does. */
    @Override
    public void update(AppJar app) throws IOException {
        Files.write(jar(app), app.bytes());
    }

    private Path jar(AppJar app) {
        return home.resolve("apps").resolve(app.symbolicName() + ".jar");
    }

    /** Stops it as an operator does; gives the exit status. */
    int stop() throws InterruptedException {
        process.toHandle().destroy();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("The distribution did not end within " + PATIENCE_SECONDS + " s");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                log.add(line);
                if (line.startsWith("ready ")) {
                    ready.countDown();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
}
