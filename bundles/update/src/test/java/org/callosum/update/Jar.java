// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

import org.osgi.framework.BundleActivator;

/** Builds a bundle's jar from headers and classes of the tests. */
public final class Jar {
    /** Each file that is written is a second newer than the one before, as if time had passed. */
    private static final AtomicLong SECONDS = new AtomicLong(1_700_000_000);

    private final Map<String, String> headers = new LinkedHashMap<>();
    private final Map<String, byte[]> entries = new LinkedHashMap<>();

    /** A jar without headers. */
    public static Jar plain() {
        return new Jar();
    }

    /** A bundle with a file {@code about.txt}. */
    public static Jar bundle(String symbolicName, String version) {
        return plain().header("Bundle-ManifestVersion", "2")
                .header("Bundle-SymbolicName", symbolicName)
                .header("Bundle-Version", version)
                .entry("about.txt", symbolicName + " " + version);
    }

    /** Adds a header, or replaces it. */
    public Jar header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    /** Adds a text file. */
    public Jar entry(String name, String text) {
        entries.put(name, text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** Adds an activator and its class, with nothing that it may refer to. */
    public Jar activator(Class<? extends BundleActivator> type) {
        String entry = type.getName().replace('.', '/') + ".class";
        try (InputStream in = type.getClassLoader().getResourceAsStream(entry)) {
            entries.put(entry, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return header("Bundle-Activator", type.getName()).header("Import-Package", "org.osgi.framework");
    }

    /** The jar. */
    public byte[] bytes() {
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.forEach((name, value) -> manifest.getMainAttributes().putValue(name, value));
        var bytes = new ByteArrayOutputStream();
        try (var jar = new JarOutputStream(bytes, manifest)) {
            for (Map.Entry<String, byte[]> each : entries.entrySet()) {
                jar.putNextEntry(new ZipEntry(each.getKey()));
                jar.write(each.getValue());
                jar.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Writes the jar. */
    public Path writeTo(Path file) throws IOException {
        return write(file, bytes());
    }

    /** Writes a file. */
    public static Path write(Path file, byte[] bytes) throws IOException {
        Files.write(file, bytes);
        return touch(file);
    }

    /** Makes a file newer than all before. */
    public static Path touch(Path file) throws IOException {
        return Files.setLastModifiedTime(file, FileTime.fromMillis(SECONDS.incrementAndGet() * 1_000));
    }
}
