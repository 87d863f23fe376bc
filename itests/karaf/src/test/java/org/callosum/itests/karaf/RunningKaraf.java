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
import java.util.regex.Pattern;

import org.callosum.itests.cases.AppJar;
import org.callosum.itests.updating.UpdatedRuntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A stock Karaf as its start script runs it, in a process of its own, and its shell, typed into. Of its settings only the
 * ports differ, and the repositories, which are the build's.
 *
 * <p><b>Threads.</b> One of its own reads what it prints.
 */
final class RunningKaraf implements UpdatedRuntime, AutoCloseable {
    private static final int PATIENCE_SECONDS = 120;
    private static final String PROMPT = "@root()>";

    /** Makes a pseudo-terminal. */
    static final Path SCRIPT = Path.of("/usr/bin/script");

    /** What moves the cursor, clears, sets modes and colours: all but the text. */
    private static final Pattern CONTROL = Pattern.compile("\u001b\\[[?]?[\\d;]*[A-Za-z]|\u001b[=>]|\u001b[()].|\r");

    private final Path home;
    private final Path journal;
    private final Process process;
    private final List<String> printed = new CopyOnWriteArrayList<>();

    private RunningKaraf(Path home, Path journal, Process process) {
        this.home = home;
        this.journal = journal;
        this.process = process;
        Thread reader = new Thread(this::read, "output of Karaf");
        reader.setDaemon(true);
        reader.start();
    }

    /** Unpacks and starts it, and installs the feature {@code callosum}; waits until the bus is up. */
    static RunningKaraf start(Path folder) throws IOException, InterruptedException {
        return start(folder, List.of(folder.resolve("bin/karaf").toString()));
    }

    /** The same on a pseudo-terminal of that width, which {@code script} of util-linux makes. */
    static RunningKaraf startOnTerminal(Path folder, int columns) throws IOException, InterruptedException {
        String line =
                "stty cols " + columns + " rows 50 && export TERM=xterm && exec '" + folder.resolve("bin/karaf") + "'";
        return start(folder, List.of(SCRIPT.toString(), "-qfec", line, "/dev/null"));
    }

    private static RunningKaraf start(Path folder, List<String> command) throws IOException, InterruptedException {
        Process unpack = new ProcessBuilder(
                        "tar",
                        "xzf",
                        KarafDistribution.archive().toString(),
                        "-C",
                        folder.toString(),
                        "--strip-components=1")
                .inheritIO()
                .start();
        assertThat(unpack.waitFor()).as("exit status of tar").isZero();
        Path journal = Files.createTempDirectory("callosum-karaf"); // short: a socket's path has to be
        Path etc = folder.resolve("etc");
        set(etc.resolve("org.apache.karaf.shell.cfg"), "sshPort", "0");
        set(etc.resolve("org.apache.karaf.management.cfg"), "rmiRegistryPort", "0");
        set(etc.resolve("org.apache.karaf.management.cfg"), "rmiServerPort", "0");
        set(
                etc.resolve("org.ops4j.pax.url.mvn.cfg"),
                "org.ops4j.pax.url.mvn.defaultRepositories",
                KarafDistribution.repositories());
        set(etc.resolve("org.ops4j.pax.url.mvn.cfg"), "org.ops4j.pax.url.mvn.repositories", "");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("EXTRA_JAVA_OPTS", "-D" + KarafDistribution.JOURNAL + "=" + journal);
        builder.environment().remove("SOLSTONE_JOURNAL");
        RunningKaraf karaf = new RunningKaraf(folder, journal, builder.start());
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
        return journal.resolve("health").resolve("callosum.sock");
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
        return Files.readAllLines(home.resolve("data").resolve("log").resolve("karaf.log"));
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

    /**
     * Types a command and waits until it has shown a text and the shell asks for the next one.
     *
     * @return all that was shown since the command was typed, without colours
     */
    String run(String command, String text) throws IOException {
        String shown = run(command);
        while (shown.contains("Command not found")) { // the shell is there before its commands
            shown = run(command);
        }
        assertThat(shown).as(command).contains(text);
        return shown;
    }

    private String run(String command) throws IOException {
        int begin = printed.size();
        type(command);
        type("shell:echo done'-'" + begin); // what is typed is not what it prints
        await().atMost(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .untilAsserted(() -> assertThat(shownFrom(begin)).contains("\ndone-" + begin + "\n"));
        return shownFrom(begin);
    }

    private String shownFrom(int begin) {
        return CONTROL.matcher("\n" + String.join("\n", printed.subList(begin, printed.size())) + "\n")
                .replaceAll("");
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
        Path jar = home.resolve(app.symbolicName() + "-" + app.version() + ".jar");
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

    /** Sets a property that the file has, on one line or on several. */
    private static void set(Path file, String name, String value) throws IOException {
        String text = Files.readString(file);
        String replaced = text.replaceFirst(
                "(?m)^" + name.replace(".", "\\.") + " *=(.*\\\\\\n)*.*$",
                name + " = " + value.replace("\\", "\\\\").replace("$", "\\$"));
        if (replaced.equals(text)) {
            throw new IllegalStateException(
                    "'" + file + "' has no property '" + name + "': look what Karaf calls it now");
        }
        Files.writeString(file, replaced);
    }
}
