// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/**
 * Does once what the distribution does all the time, so that the JVM has loaded what that takes: starts the runtime, sends
 * and hears a message, shows the help, stops.
 *
 * <p>In a folder of its own, with the distribution's bundles and own apps: nothing of what an operator has set, installed
 * or runs is touched.
 */
final class Rehearsal {
    private final Distribution distribution;
    private final Path journal;
    private final CountDownLatch isReady = new CountDownLatch(1);
    private volatile boolean hasFailed;

    private Rehearsal(Path home, Path folder) throws Exception {
        this.distribution = new Distribution(folder);
        this.journal = folder.resolve("journal");
        Files.createDirectories(distribution.apps());
        Files.createDirectories(distribution.etc());
        Files.createSymbolicLink(distribution.system(), new Distribution(home).system());
        for (String apps : List.of("apps", "apps-available")) {
            try (Stream<Path> jars = Files.list(home.resolve(apps))) {
                for (Path jar : (Iterable<Path>) jars::iterator) {
                    if (jar.getFileName().toString().startsWith("org.callosum.")) {
                        Files.copy(
                                jar,
                                distribution.apps().resolve(jar.getFileName()),
                                StandardCopyOption.REPLACE_EXISTING);
                    }
                }
            }
        }
    }

    /** With the distribution's home and the folder to do it in, which is made. Ends with status 1 if it did not work. */
    public static void main(String[] arguments) throws Exception {
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        Path folder = Files.createDirectories(Path.of(arguments[1]));
        System.exit(new Rehearsal(Path.of(arguments[0]), folder).run() ? 0 : 1);
    }

    private boolean run() throws Exception {
        var ready = new PrintStream(OutputStream.nullOutputStream()) {
            @Override
            public void println(String line) {
                isReady.countDown();
            }
        };
        Launch launch = new Launch(distribution, journal, false, false, ready);
        Thread commands = new Thread(() -> commands(launch), "commands");
        commands.setDaemon(true); // it waits for ever if the launch fails
        commands.start();
        launch.run();
        commands.join();
        return !hasFailed;
    }

    private void commands(Launch launch) {
        try {
            isReady.await();
            String socket = journal.resolve("health/callosum.sock").toString();
            Thread listener = new Thread(() -> execute("listen", "--socket", socket), "listen");
            listener.setDaemon(true);
            listener.start();
            hasFailed = execute("send", "--socket", socket, "observe", "observed", "day=20260101") != 0;
            execute("--help");
            // A word too few. None at all would read standard input, and go to the bus of whoever runs this.
            execute("send", "--socket");
        } catch (InterruptedException e) {
            hasFailed = true;
        } finally {
            launch.stop();
        }
    }

    private static int execute(String... arguments) {
        var nowhere = new PrintWriter(OutputStream.nullOutputStream());
        return Main.commandLine(arguments).setOut(nowhere).setErr(nowhere).execute(arguments);
    }
}
