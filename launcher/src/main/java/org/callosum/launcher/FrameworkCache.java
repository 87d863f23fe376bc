// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.zip.CRC32;

/**
 * The folder in which the framework remembers what is installed and what an operator changed. It is kept from run to run,
 * and belongs to exactly the bundles and the place that it was made with: after either changed it is made anew.
 */
final class FrameworkCache {
    private final Path folder;
    private final Path fingerprintFile;
    private final String fingerprint;

    FrameworkCache(Distribution distribution, List<SystemBundle> bundles) throws IOException {
        this.folder = distribution.cache();
        this.fingerprintFile = folder.resolveSibling("cache.fingerprint");
        this.fingerprint = fingerprint(distribution, bundles);
    }

    /** Whether it was made with other bundles, or in another place; not if there is none. */
    boolean isOutdated() throws IOException {
        return Files.exists(folder)
                && !(Files.exists(fingerprintFile)
                        && Files.readString(fingerprintFile).equals(fingerprint));
    }

    /** Says what it is made with. To be called before the framework writes to it. */
    void claim() throws IOException {
        Files.createDirectories(folder);
        Path beside = fingerprintFile.resolveSibling(fingerprintFile.getFileName() + ".new");
        Files.writeString(beside, fingerprint);
        Files.move(beside, fingerprintFile, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    /** Removes it, so that the framework makes a new one. The fingerprint goes first: half a cache is nobody's. */
    void clear() throws IOException {
        Files.deleteIfExists(fingerprintFile);
        if (Files.exists(folder)) {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
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
        }
    }

    /**
     * Names the place too: what is installed is known to the framework by its absolute path. The files' contents and not
     * their times, which a copy or a reproducible build may set to anything.
     */
    private static String fingerprint(Distribution distribution, List<SystemBundle> bundles) throws IOException {
        var text = new StringBuilder().append(distribution.home()).append('\n');
        var checksum = new CRC32();
        var buffer = new byte[1 << 16];
        for (SystemBundle bundle : bundles) {
            checksum.reset();
            long bytes = 0;
            try (InputStream jar = Files.newInputStream(bundle.jar())) {
                for (int count; (count = jar.read(buffer)) > 0; bytes += count) {
                    checksum.update(buffer, 0, count);
                }
            }
            // Without a Formatter, which asks the locale first how it writes its digits.
            text.append(bundle.startLevel())
                    .append(' ')
                    .append(bundle.jar().getFileName())
                    .append(' ')
                    .append(bytes)
                    .append(' ')
                    .append(Long.toHexString(checksum.getValue()))
                    .append('\n');
        }
        return text.toString();
    }
}
