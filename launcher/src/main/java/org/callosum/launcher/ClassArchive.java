// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The classes of the distribution as the JVM has them in memory when it has loaded them: mapped at the start, instead of
 * read, checked and linked anew each time (class data sharing).
 *
 * <p>Two layers, for no single one can hold all: {@code base.jsa} the JDK's classes and those of {@code lib/}, which all
 * commands use, with picocli's, whose format is so old that the second kind of archive refuses them, and Java 25 both; {@code run.jsa} on
 * top of it the bundles' classes, which the first kind finds only on the class path.
 *
 * <p>It fits one place, one Java and one state of the jars. Where it does not, the JVM does without. In a folder with a blank in
 * its name Java 17 uses the JDK's classes and the bundles' of it, but not those of {@code lib/}.
 */
final class ClassArchive {
    private static final String BASE = "base.jsa";
    private static final String RUN = "run.jsa";
    private static final int MAX_ATTEMPTS = 3;
    private static final String MADE_FOR = "made-for";
    private static final String CRASH = "hs_err.log";

    private final Distribution distribution;
    private final Path folder;

    ClassArchive(Distribution distribution) {
        this.distribution = distribution;
        this.folder = distribution.data().resolve("cds");
    }

    /** Whether there is one that fits this place, this Java and these jars. */
    boolean isCurrent() {
        try {
            return Files.readString(folder.resolve(MADE_FOR)).equals(madeFor());
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Makes it, by running the distribution's classes with settings, apps and a journal of their own in a temporary folder.
     * What runs in this distribution meanwhile is not touched.
     *
     * @throws LaunchException if it cannot be made; then there is none
     */
    void make() throws LaunchException, InterruptedException {
        Path work = null;
        try {
            Files.createDirectories(folder);
            Files.deleteIfExists(folder.resolve(MADE_FOR)); // first: half of it is none
            work = Files.createTempDirectory("callosum");
            Path classes = work.resolve("classes");
            Path base = folder.resolve(BASE);
            Path run = folder.resolve(RUN);
            // Not written over: a process that runs has them mapped.
            Files.deleteIfExists(base);
            Files.deleteIfExists(run);
            rehearse(work, "-XX:DumpLoadedClassList=" + classes);
            withoutOurLambdas(classes);
            java("-XX:+UseG1GC", "-Xshare:dump", "-XX:SharedClassListFile=" + classes, "-XX:SharedArchiveFile=" + base);
            archiveAtExit(work, base, run);
            Files.deleteIfExists(folder.resolve(CRASH)); // of an attempt before this one
            Path beside = folder.resolve(MADE_FOR + ".new");
            Files.writeString(beside, madeFor());
            Files.move(beside, folder.resolve(MADE_FOR), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new LaunchException("no class archive: '" + folder + "' cannot be written: " + e, e);
        } finally {
            delete(work);
        }
    }

    /**
     * Leaves the JDK's own lambdas in the list of what to archive. The JVM of Java 17 crashes now and then as it archives one
     * that implements an interface of picocli's.
     */
    private static void withoutOurLambdas(Path classes) throws IOException {
        List<String> lines = Files.readAllLines(classes);
        lines.removeIf(line -> line.startsWith("@lambda-proxy") && !line.matches("@lambda-proxy (java|jdk|sun)/.*"));
        Files.write(classes, lines);
    }

    /**
     * Tries again, for on a busy machine the JVM of Java 17 crashes now and then as it writes this layer, in {@code
     * SystemDictionaryShared::adjust_lambda_proxy_class_dictionary}.
     */
    private void archiveAtExit(Path work, Path base, Path run)
            throws IOException, LaunchException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                rehearse(work, "-XX:SharedArchiveFile=" + base, "-XX:ArchiveClassesAtExit=" + run);
                return;
            } catch (LaunchException e) {
                if (attempt == MAX_ATTEMPTS) {
                    throw e;
                }
                Files.deleteIfExists(run);
            }
        }
    }

    /** The second time in the same folder, it finds there what a start finds that is not the first. */
    private void rehearse(Path work, String... options) throws IOException, LaunchException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("--add-opens", "java.base/java.lang=ALL-UNNAMED"));
        arguments.add("-XX:TieredStopAtLevel=1"); // it is over before more has paid off
        arguments.addAll(List.of(options));
        arguments.add(Rehearsal.class.getName());
        arguments.add(distribution.home().toString());
        arguments.add(work.resolve("home").toString());
        java(arguments.toArray(String[]::new));
    }

    private void java(String... arguments) throws IOException, LaunchException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xlog:disable", "-Xlog:all=error:stderr", "-Dfile.encoding=UTF-8"));
        command.addAll(List.of("-XX:ErrorFile=" + folder.resolve(CRASH), "-cp"));
        command.add(distribution.home().resolve("lib/callosum-launcher.jar").toString());
        command.addAll(List.of(arguments));
        File log = folder.resolve("log").toFile();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        try {
            if (process.waitFor() != 0) {
                throw new LaunchException(
                        "no class archive: '" + log + "' says why; without one all starts more slowly.");
            }
        } finally {
            process.destroyForcibly(); // if this is interrupted
        }
    }

    /** Its first line is what {@code bin/callosum} compares before it has the JVM use the archive. */
    private String madeFor() throws IOException {
        var text = new StringBuilder()
                .append(Path.of(System.getProperty("java.home"), "bin", "java").toRealPath())
                .append(' ')
                .append(System.getProperty("java.version"))
                .append(' ')
                .append(distribution.home())
                .append('\n');
        for (Path jars : List.of(distribution.home().resolve("lib"), distribution.system())) {
            try (Stream<Path> files = Files.list(jars)) {
                for (Path each : (Iterable<Path>) files.sorted()::iterator) {
                    text.append("%s %d %s%n"
                            .formatted(each.getFileName(), Files.size(each), Files.getLastModifiedTime(each)));
                }
            }
        }
        return text.toString();
    }

    private static void delete(Path work) {
        if (work == null) {
            return;
        }
        try {
            Files.walkFileTree(work, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
                    Files.delete(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            return; // left to whoever tidies the folder for temporary files
        }
    }
}
