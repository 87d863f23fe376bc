// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import picocli.CommandLine;

/**
 * Does once what the distribution does all the time, so that the JVM has loaded what that takes: starts the runtime, sends
 * and hears a message, shows the help, stops. In a folder in which it was done before it starts as all but the first do: with
 * what was kept.
 *
 * <p>In a folder of its own, with the distribution's bundles and own apps, and its settings' files without the settings:
 * nothing of what an operator has set, installed or runs is touched.
 */
final class Rehearsal {
    private final Distribution distribution;
    private final Path journal;
    private final CountDownLatch ready = new CountDownLatch(1);
    private volatile Launch launch;

    private Rehearsal(Path home, Path folder) throws IOException {
        this.distribution = new Distribution(folder);
        this.journal = folder.resolve("journal");
        if (!Files.exists(distribution.system())) {
            prepare(new Distribution(home));
        }
    }

    private void prepare(Distribution original) throws IOException {
        Files.createDirectories(distribution.apps());
        Files.createDirectories(distribution.etc());
        for (Path apps : List.of(original.apps(), original.home().resolve("apps-available"))) {
            for (Path jar : files(apps, "org.callosum.*.jar")) {
                Files.copy(jar, distribution.apps().resolve(jar.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        for (Path settings : files(original.etc(), "org.*.cfg")) {
            Files.writeString(distribution.etc().resolve(settings.getFileName()), "# As it is without.\n");
        }
        Files.createSymbolicLink(distribution.system(), original.system());
    }

    private static List<Path> files(Path folder, String pattern) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, pattern)) {
            found.forEach(files::add);
        }
        return files;
    }

    /** With the distribution's home and the folder to do it in, which is made. Ends with status 1 if it did not work. */
    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createDirectories(Path.of(arguments[1]));
        System.setProperty(Distribution.PROPERTY, folder.toString());
        System.exit(new Rehearsal(Path.of(arguments[0]), folder).run() ? 0 : 1);
    }

    private boolean run() {
        System.setOut(new PrintStream(OutputStream.nullOutputStream()) {
            @Override
            public void println(String line) {
                ready.countDown();
            }
        });
        Thread commands = new Thread(this::commands, "commands");
        commands.setDaemon(true); // it waits for ever if the start fails
        commands.start();
        var run = new RunCommand(started -> launch = started);
        return new CommandLine(run).execute("--no-shell", "--journal", journal.toString()) == 0;
    }

    /** What is done when it has started. Whatever fails ends the process: a start without a stop would not. */
    private void commands() {
        try {
            ready.await();
            String socket = journal.resolve("health/callosum.sock").toString();
            Thread listener = new Thread(() -> execute("listen", "--socket", socket), "listen");
            listener.setDaemon(true);
            listener.start();
            if (execute("send", "--socket", socket, "observe", "observed", "day=20260101") != 0) {
                throw new IllegalStateException("the message was not sent");
            }
            execute("--help");
            // A word too few. None at all would read standard input, and go to the bus of whoever runs this.
            execute("send", "--socket");
            LoadedClasses.link(launch.bundles());
            launch.stop();
        } catch (InterruptedException | ReflectiveOperationException | RuntimeException e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }

    private static int execute(String... arguments) {
        var nowhere = new PrintWriter(OutputStream.nullOutputStream());
        return Main.commandLine(arguments).setOut(nowhere).setErr(nowhere).execute(arguments);
    }
}
