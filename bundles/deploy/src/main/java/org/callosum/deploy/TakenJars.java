// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.Properties;

import org.callosum.update.JarContent;

/**
 * Which content of each jar was taken, kept in a file, so that after a restart an unchanged jar is not even read. A file
 * that cannot be read, or is a step behind because the process was killed, costs an update that changes nothing.
 *
 * <p>Not safe for use by several threads.
 */
final class TakenJars {
    private final Path file;
    private final Properties taken = new Properties();

    TakenJars(Path file) {
        this.file = file;
        if (Files.exists(file)) {
            try (InputStream in = Files.newInputStream(file)) {
                taken.load(in);
            } catch (IOException | IllegalArgumentException e) {
                taken.clear();
            }
        }
    }

    /** What tells one state of a file from another without reading it. */
    static String stamp(Path jar) throws IOException {
        var attributes = Files.readAttributes(jar, BasicFileAttributes.class);
        return attributes.size() + "@" + attributes.lastModifiedTime().toMillis();
    }

    /** Whether the jar, in this state, is the one that was taken. */
    boolean isTaken(Path jar, String stamp) {
        return taken.getProperty(jar.toString(), "").startsWith(stamp + " ");
    }

    /** The digest of the content that was taken from this jar. */
    Optional<String> digest(Path jar) {
        String line = taken.getProperty(jar.toString());
        return line == null ? Optional.empty() : Optional.of(line.substring(line.indexOf(' ') + 1));
    }

    void put(Path jar, String stamp, String digest) throws IOException {
        taken.setProperty(jar.toString(), stamp + " " + digest);
        store();
    }

    /** Makes the jar what the content is, unless it is that already: as a whole, or not at all. */
    void write(Path jar, JarContent content) throws IOException {
        if (!Files.exists(jar) || Files.mismatch(content.file(), jar) >= 0) {
            Path beside = jar.resolveSibling("." + jar.getFileName() + ".new"); // nobody takes it for an app
            try {
                Files.copy(content.file(), beside, StandardCopyOption.REPLACE_EXISTING);
                Files.move(beside, jar, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(beside);
            }
        }
        put(jar, stamp(jar), content.digest());
    }

    /** Deletes the jar. */
    void delete(Path jar) throws IOException {
        Files.deleteIfExists(jar);
        remove(jar);
    }

    void remove(Path jar) throws IOException {
        if (taken.remove(jar.toString()) != null) {
            store();
        }
    }

    private void store() throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        try (OutputStream out = Files.newOutputStream(beside)) {
            taken.store(out, null);
        }
        Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);
    }
}
