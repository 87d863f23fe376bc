// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Jars without compression, as the build makes them of those of {@code lib/} and {@code system/}. The JVM finds a bundle's
 * class in the class archive by its bytes, so that each start would inflate all of them: a tenth of the time it takes.
 */
final class StoredJars {
    private StoredJars() {}

    /** With the folders whose jars are to be rewritten in place. */
    public static void main(String[] folders) throws IOException {
        for (String folder : folders) {
            try (DirectoryStream<Path> jars = Files.newDirectoryStream(Path.of(folder), "*.jar")) {
                for (Path jar : jars) {
                    store(jar);
                }
            }
        }
    }

    /** Rewrites one. Its entries keep their order, names, times and contents; the file keeps its time. */
    static void store(Path jar) throws IOException {
        Path beside = jar.resolveSibling(jar.getFileName() + ".new");
        try (var compressed = new ZipFile(jar.toFile());
                var stored = new ZipOutputStream(Files.newOutputStream(beside))) {
            stored.setMethod(ZipOutputStream.STORED);
            for (ZipEntry each : (Iterable<ZipEntry>) compressed.stream().<ZipEntry>map(entry -> entry)::iterator) {
                var entry = new ZipEntry(each.getName());
                entry.setTimeLocal(each.getTimeLocal());
                entry.setSize(each.getSize());
                entry.setCrc(each.getCrc());
                stored.putNextEntry(entry);
                try (InputStream content = compressed.getInputStream(each)) {
                    content.transferTo(stored);
                }
                stored.closeEntry();
            }
        }
        Files.setLastModifiedTime(beside, Files.getLastModifiedTime(jar));
        Files.move(beside, jar, StandardCopyOption.REPLACE_EXISTING);
    }
}
