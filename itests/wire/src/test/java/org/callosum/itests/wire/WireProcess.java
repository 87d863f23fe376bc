// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.wire;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A client of the bus that is a process of its own, and says what it does, a line each.
 *
 * <p><b>Threads.</b> One of its own reads what the process says; guarded by {@code this}.
 */
final class WireProcess implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 240;

    private final Class<?> main;
    private final int number;
    private final Process process;
    private final Thread reader;
    private final Set<String> said = new HashSet<>();
    private final List<String> complaints = new ArrayList<>();
    private int highestSaid;
    private boolean hasEnded;
    private boolean wasKilled;

    private WireProcess(Class<?> main, int number, Process process) {
        this.main = main;
        this.number = number;
        this.process = process;
        this.reader = new Thread(this::read, "output of process " + number);
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts it, in a small JVM that is up soon. */
    static WireProcess start(Class<?> main, int number, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xmx64m",
                "-cp",
                Path.of("target/test-classes").toString(),
                main.getName()));
        command.addAll(List.of(arguments));
        return new WireProcess(
                main,
                number,
                new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    boolean isOf(Class<?> kind) {
        return main == kind;
    }

    int number() {
        return number;
    }

    /** Waits until it has said this. */
    synchronized void awaitLine(String line) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!said.contains(line)) {
            long left = end - System.nanoTime();
            if (left <= 0 || hasEnded) {
                throw new AssertionError(main.getSimpleName() + " " + number + " did not say '" + line + "' "
                        + (hasEnded ? "before it ended" : "within " + PATIENCE_SECONDS + " s") + ", but "
                        + highestSaid + " and " + complaints);
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    /** The highest number that it has said. */
    synchronized int highestSaid() {
        return highestSaid;
    }

    synchronized boolean wasKilled() {
        return wasKilled;
    }

    /** Asks it to end: closes its standard input. */
    void end() throws IOException {
        process.getOutputStream().close();
    }

    /** Kills it as {@code kill -9} does; what it had said by then is known afterwards. */
    void kill() throws InterruptedException {
        synchronized (this) {
            wasKilled = true;
        }
        process.toHandle().destroyForcibly(); // Process's own would close the pipe with what it has said
        process.waitFor();
        reader.join();
    }

    @Override
    public void close() {
        process.toHandle().destroyForcibly();
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                heard(line);
            }
        } catch (IOException e) {
            heard(e.toString());
        }
        synchronized (this) {
            hasEnded = true;
            notifyAll();
        }
    }

    private synchronized void heard(String line) {
        boolean isNumber = !line.isEmpty() && line.chars().allMatch(c -> c >= '0' && c <= '9');
        if (isNumber) {
            highestSaid = Math.max(highestSaid, Integer.parseInt(line));
        } else {
            complaints.add(line);
        }
        if (!isNumber || line.equals("1000")) {
            said.add(line);
            notifyAll();
        }
    }
}
