// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.updating;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a process holds now, after a full collection of its garbage. Immutable.
 *
 * @param loaders how many class loaders hold a class of that name
 * @param threads how many threads it has; -1 where there is no {@code /proc}
 * @param files how many open files and sockets it has; -1 where there is no {@code /proc}
 */
public record Footprint(long loaders, long threads, long files) {
    /** Each takes the tenth of a second or more that the JDK's tool takes to start, twice: some ten seconds in all. */
    private static final int LOOKS = 30;

    /** Looks at a process of this user, with the JDK's own tool. */
    public static Footprint of(long pid, String className) throws IOException, InterruptedException {
        jcmd(pid, "GC.class_histogram"); // a full collection, also where GC.run would make a concurrent one
        long loaders = jcmd(pid, "VM.classloaders", "show-classes=true", "fold=false")
                .lines()
                .filter(line -> line.endsWith(" " + className))
                .count();
        return new Footprint(loaders, entries("/proc/" + pid + "/task"), entries("/proc/" + pid + "/fd"));
    }

    /**
     * Looks until no more class loaders than these hold a class of that name, or for a number of times: one collection may
     * meet a thread that just comes back from the old version, or the compiler at work on a method of it, which are no leak.
     */
    public static Footprint settled(long pid, String className, long loaders) throws IOException, InterruptedException {
        Footprint footprint = of(pid, className);
        for (int look = 1; footprint.loaders() > loaders && look < LOOKS; look++) {
            footprint = of(pid, className);
        }
        return footprint;
    }

    private static String jcmd(long pid, String... command) throws IOException, InterruptedException {
        Path tool = Path.of(System.getProperty("java.home"), "bin/jcmd");
        ProcessBuilder builder =
                new ProcessBuilder(Stream.concat(Stream.of(tool.toString(), Long.toString(pid)), Stream.of(command))
                        .toList());
        Process process = builder.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(tool + " " + String.join(" ", command) + " failed: " + said);
        }
        return said;
    }

    private static long entries(String folder) throws IOException {
        if (!Files.isDirectory(Path.of(folder))) {
            return -1;
        }
        try (Stream<Path> all = Files.list(Path.of(folder))) {
            return all.count();
        }
    }
}
