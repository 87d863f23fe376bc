// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * A copy of the distribution that runs as a process of its own.
 *
 * <p><b>Threads.</b> Two of its own read what the process says; the test waits for a line of it.
 */
final class Running implements AutoCloseable {
    private static final long PATIENCE_MILLIS = 30_000;

    private final Process process;
    private final Output out;
    private final Output err;

    private Running(Process process) {
        this.process = process;
        this.out = new Output(process.getInputStream());
        this.err = new Output(process.getErrorStream());
    }

    /** Copies the distribution as the build makes it, without what somebody who runs it in place has added or changed. */
    static Path copyDistribution(Path home) throws IOException {
        Path built = Path.of(System.getProperty("callosum.distribution"));
        for (String folder : List.of("bin", "lib", "system", "apps", "apps-available")) {
            copy(built.resolve(folder), home.resolve(folder), "apps".equals(folder) ? "org.callosum.apps." : "");
        }
        copy(Path.of("src/main/dist/etc"), home.resolve("etc"), "");
        return home;
    }

    private static void copy(Path from, Path to, String prefix) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path each : (Iterable<Path>) files::iterator) {
                String name = each.getFileName().toString();
                if (name.startsWith(prefix)) {
                    Files.copy(each, to.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    /** Starts the distribution and waits until all is up. */
    static Running start(Path home, Path journal) throws IOException, InterruptedException {
        Running running = launch(home, "run", "--journal", journal.toString());
        running.awaitReady();
        return running;
    }

    /** Starts the script with these arguments. */
    static Running launch(Path home, String... arguments) throws IOException {
        return launch(home, Map.of(), arguments);
    }

    /** Starts the script with these arguments, and these variables in its environment. */
    static Running launch(Path home, Map<String, String> environment, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(home.resolve("bin/callosum").toString());
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().remove("SOLSTONE_JOURNAL");
        builder.environment().putAll(environment);
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        return new Running(builder.start());
    }

    String awaitReady() throws InterruptedException {
        return out.await(line -> line.startsWith("ready "), "the ready line", this);
    }

    /** Waits for the next line of standard error that holds all of these, behind the one that was waited for last. */
    String awaitLog(String... parts) throws InterruptedException {
        return err.await(
                line -> Stream.of(parts).allMatch(line::contains), "a line with " + String.join(" and ", parts), this);
    }

    /** Waits for the next line of standard output that holds this. */
    String awaitOutput(String part) throws InterruptedException {
        return out.await(line -> line.contains(part), "output with " + part, this);
    }

    /** All lines of standard error so far. */
    List<String> log() {
        return err.all();
    }

    /** All lines of standard output so far. */
    List<String> output() {
        return out.all();
    }

    long pid() {
        return process.pid();
    }

    /** Sends SIGTERM; what it says then is still read, which the process's own method would end. */
    void terminate() {
        process.toHandle().destroy();
    }

    /** Skips the test where the build was started so that it ignores a signal: what it starts does, too. */
    static void assumeNotIgnored(String signal) throws IOException {
        Path status = Path.of("/proc/self/status");
        int bit = List.of("HUP", "INT").indexOf(signal); // SIGTERM is ignored by nobody
        Assumptions.assumeFalse(
                bit >= 0
                        && Files.exists(status)
                        && Files.readAllLines(status).stream()
                                .filter(line -> line.startsWith("SigIgn:"))
                                .anyMatch(line ->
                                        (Integer.parseInt(line.substring(line.length() - 1), 16) >> bit & 1) != 0),
                "this build ignores SIG" + signal + ", as under nohup or in the background of a script");
    }

    /** Sends a signal. */
    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(pid()))
                .inheritIO()
                .start()
                .waitFor();
    }

    /** Waits for the end and what was said until then; gives the exit status. */
    int awaitEnd() throws InterruptedException {
        Assertions.assertThat(process.waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS))
                .as("ended within %d ms; it said %s", PATIENCE_MILLIS, log())
                .isTrue();
        out.join();
        err.join();
        return process.exitValue();
    }

    /** Kills it as the kernel would, if it still runs. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** The lines of one stream. */
    private static final class Output {
        private final List<String> lines = new ArrayList<>();
        private final Thread reader;
        private int awaited;
        private boolean hasEnded;

        Output(InputStream stream) {
            reader = new Thread(() -> read(stream), "output of the distribution");
            reader.setDaemon(true);
            reader.start();
        }

        private void read(InputStream stream) {
            try (var text = new BufferedReader(new java.io.InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = text.readLine(); line != null; line = text.readLine()) {
                    synchronized (this) {
                        lines.add(line);
                        notifyAll();
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                synchronized (this) {
                    hasEnded = true;
                    notifyAll();
                }
            }
        }

        synchronized String await(Predicate<String> wanted, String name, Running running) throws InterruptedException {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
            while (true) {
                for (int i = awaited; i < lines.size(); i++) {
                    if (wanted.test(lines.get(i))) {
                        awaited = i + 1;
                        return lines.get(i);
                    }
                }
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (hasEnded || left <= 0) {
                    throw new AssertionError("Expected " + name + " within " + PATIENCE_MILLIS + " ms, but there was "
                            + String.join("\n", running.log()));
                }
                wait(left);
            }
        }

        synchronized List<String> all() {
            return List.copyOf(lines);
        }

        void join() throws InterruptedException {
            reader.join(PATIENCE_MILLIS);
        }
    }
}
