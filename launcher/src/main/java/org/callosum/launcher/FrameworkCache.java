// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.IOException;
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
        for (SystemBundle bundle : bundles) {
            byte[] bytes = Files.readAllBytes(bundle.jar());
            var crc = new CRC32();
            crc.update(bytes);
            text.append("%d %s %d %08x%n"
                    .formatted(bundle.startLevel(), bundle.jar().getFileName(), bytes.length, crc.getValue()));
        }
        return text.toString();
    }
}
