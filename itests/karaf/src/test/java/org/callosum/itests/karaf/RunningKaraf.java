// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.karaf;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import org.callosum.itests.cases.AppJar;
import org.callosum.itests.updating.UpdatedRuntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A stock Karaf as its start script runs it without a terminal, in a process of its own, and its shell, typed into.
 *
 * <p><b>Threads.</b> One of its own reads what it prints.
 */
final class RunningKaraf implements UpdatedRuntime, AutoCloseable {
    private static final int PATIENCE_SECONDS = 120;
    private static final String PROMPT = "@root()>";

    private final KarafHome home;
    private final Process process;
    private final List<String> printed = new CopyOnWriteArrayList<>();

    private RunningKaraf(KarafHome home, Process process) {
        this.home = home;
        this.process = process;
        Thread reader = new Thread(this::read, "output of Karaf");
        reader.setDaemon(true);
        reader.start();
    }

    /** Unpacks and starts it, and installs the feature {@code callosum}; waits until the bus is up. */
    static RunningKaraf start(Path folder) throws IOException, InterruptedException {
        KarafHome home = KarafHome.unpack(folder);
        RunningKaraf karaf = new RunningKaraf(home, home.start(home.script().toString()));
        try {
            karaf.typeUntil(
                    "feature:repo-add " + KarafDistribution.features(), () -> karaf.hasPrinted("Adding feature url"));
            karaf.typeUntil("feature:install callosum", () -> Files.exists(karaf.socket()));
            return karaf;
        } catch (RuntimeException | Error e) {
            karaf.close();
            throw e;
        }
    }

    @Override
    public Path socket() {
        return home.socket();
    }

    /** Of the JVM: the script that started it waits for it. */
    @Override
    public long pid() {
        return process.descendants()
                .filter(each -> each.info().command().orElse("").endsWith("/java"))
                .findAny()
                .orElseThrow(() -> new IllegalStateException("Karaf does not run; it printed " + printed))
                .pid();
    }

    @Override
    public List<String> log() throws IOException {
        return Files.readAllLines(home.folder().resolve("data").resolve("log").resolve("karaf.log"));
    }

    @Override
    public void install(AppJar app) throws IOException {
        type("bundle:install -s " + file(app));
    }

    @Override
    public void update(AppJar app) throws IOException {
        type("bundle:update " + app.symbolicName() + " " + file(app));
    }

    /** Shuts it down by its own command; gives the exit status. */
    int stop() throws IOException, InterruptedException {
        type("system:shutdown -f");
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException(
                    "Karaf did not end within " + PATIENCE_SECONDS + " s; it printed " + printed);
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** Types a command until it has its effect: again whenever the shell, which is there before its commands, knows it not. */
    private void typeUntil(String command, Callable<Boolean> isDone) throws IOException {
        String name = command.substring(0, command.indexOf(' '));
        var refusals = new AtomicLong();
        type(command);
        await().atMost(PATIENCE_SECONDS, TimeUnit.SECONDS).untilAsserted(() -> {
            long refused = printed.stream()
                    .filter(line -> line.contains("Command not found") && line.contains(name))
                    .count();
            if (refused > refusals.getAndSet(refused)) {
                type(command);
            }
            assertThat(isDone.call())
                    .as("effect of '%s'; Karaf printed %s", command, printed)
                    .isTrue();
        });
    }

    private boolean hasPrinted(String text) {
        return printed.stream().anyMatch(line -> line.contains(text));
    }

    private void type(String command) throws IOException {
        process.getOutputStream().write((command + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** A file of its own for each version, which the command names. */
    private String file(AppJar app) throws IOException {
        Path jar = home.folder().resolve(app.symbolicName() + "-" + app.version() + ".jar");
        app.moveTo(jar);
        return jar.toUri().toString();
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank()
                        && !line.stripTrailing().endsWith(PROMPT)) { // which it repeats all the time without a terminal
                    printed.add(line);
                }
            }
        } catch (IOException closed) {
            // Karaf was killed: whoever waits for it says so.
        }
    }
}
