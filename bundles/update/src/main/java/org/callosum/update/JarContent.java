// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

import org.callosum.api.Printable;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;

/**
 * A bundle's jar that was read from its first byte to its last and found whole. Immutable.
 *
 * @param file a private copy of it, which nobody changes
 * @param digest its SHA-256, in hexadecimal
 * @param symbolicName the bundle's symbolic name
 * @param version the bundle's version
 */
public record JarContent(Path file, String digest, String symbolicName, Version version) {
    /** A jar is kept under this name, so it has to be one that is no path. */
    private static final Pattern SYMBOLIC_NAME = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");

    private static final int LOCAL_HEADER = 0x504b0304; // 'PK', 3, 4: what a zip file begins with

    /** A jar cannot be taken. The message says why, and does not name the file. */
    public static class Refusal extends Exception {
        private static final long serialVersionUID = 1L;

        Refusal(String reason) {
            super(reason);
        }
    }

    /** A jar is not whole: what is there may be the beginning of it. */
    public static final class Partial extends Refusal {
        private static final long serialVersionUID = 1L;

        Partial(String reason) {
            super(reason);
        }
    }

    /**
     * Copies a jar and reads the copy.
     *
     * @param copy where to copy it; what is there is replaced
     * @throws Partial if it is not whole
     * @throws Refusal if it is no bundle
     * @throws IOException if it cannot be read, or the copy not be written
     */
    public static JarContent read(Path jar, Path copy) throws IOException, Refusal {
        try (InputStream in = Files.newInputStream(jar)) {
            return read(in, copy);
        }
    }

    /**
     * Copies a jar to the stream's end and reads the copy.
     *
     * @param copy where to copy it; what is there is replaced
     * @throws Partial if it is not whole
     * @throws Refusal if it is no bundle
     * @throws IOException if it cannot be read, or the copy not be written
     */
    public static JarContent read(InputStream jar, Path copy) throws IOException, Refusal {
        String digest = copy(jar, copy);
        requireZip(copy);
        Manifest manifest = readWhole(copy);
        if (manifest == null) {
            throw new Refusal("it has no META-INF/MANIFEST.MF, so it is no bundle: build it with bnd");
        }
        Attributes headers = manifest.getMainAttributes();
        String name = headers.getValue(Constants.BUNDLE_SYMBOLICNAME);
        if (name == null || name.isBlank()) {
            throw new Refusal("its manifest has no Bundle-SymbolicName, so it is no bundle: build it with bnd");
        }
        if (!"2".equals(trimmed(headers.getValue(Constants.BUNDLE_MANIFESTVERSION)))) {
            throw new Refusal("its manifest has no 'Bundle-ManifestVersion: 2': build it with bnd");
        }
        String symbolicName = name.replaceFirst(";.*", "").strip();
        if (!SYMBOLIC_NAME.matcher(symbolicName).matches()) {
            throw new Refusal("its Bundle-SymbolicName " + Printable.quoted(symbolicName)
                    + " is none: write it as in org.example.app, of letters, digits, '_' and '-'");
        }
        return new JarContent(copy, digest, symbolicName, version(headers));
    }

    private static String copy(InputStream jar, Path copy) throws IOException {
        try (var in = new DigestInputStream(jar, MessageDigest.getInstance("SHA-256"));
                OutputStream out = Files.newOutputStream(copy)) {
            in.transferTo(out);
            return HexFormat.of().formatHex(in.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    private static void requireZip(Path copy) throws IOException, Refusal {
        byte[] head;
        try (InputStream in = Files.newInputStream(copy)) {
            head = in.readNBytes(Integer.BYTES);
        }
        for (int i = 0; i < head.length; i++) {
            if (head[i] != (byte) (LOCAL_HEADER >>> (24 - 8 * i))) {
                throw new Refusal("it is no jar: it does not begin as a zip file does");
            }
        }
    }

    /** Reads every entry, for the zip's end alone does not say that what is before it has arrived. */
    private static Manifest readWhole(Path copy) throws Partial {
        try (var jar = new JarFile(copy.toFile(), false)) {
            byte[] buffer = new byte[16 * 1024];
            for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
                JarEntry entry = entries.nextElement();
                var crc = new CRC32();
                try (InputStream in = jar.getInputStream(entry)) {
                    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                        crc.update(buffer, 0, n);
                    }
                }
                if (entry.getCrc() >= 0 && entry.getCrc() != crc.getValue()) {
                    throw new Partial("the checksum of its entry '" + entry.getName() + "' is wrong");
                }
            }
            return jar.getManifest();
        } catch (IOException | IllegalArgumentException e) {
            throw new Partial(e.getMessage());
        }
    }

    private static Version version(Attributes headers) throws Refusal {
        String version = headers.getValue(Constants.BUNDLE_VERSION);
        try {
            return Version.parseVersion(version);
        } catch (IllegalArgumentException e) {
            throw new Refusal("its Bundle-Version " + Printable.quoted(version.strip())
                    + " is no version: write it as in 1.2.3 or 1.2.3.beta");
        }
    }

    private static String trimmed(String value) {
        return value == null ? null : value.strip();
    }
}
