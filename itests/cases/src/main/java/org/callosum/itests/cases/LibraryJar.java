// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.cases;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/**
 * The jar of a bundle that exports the package that {@link AppJar#borrowing} needs. Immutable.
 *
 * @param version the bundle's version
 * @param isWhole whether the class is in it
 */
record LibraryJar(String version, boolean isWhole) {
    static final String NAME = "test.library";
    static final String PACKAGE = "org.callosum.itests.library";

    private static final String CLASS_ENTRY = PACKAGE.replace('.', '/') + "/Library.class";

    /** The jar, to install or update a bundle from. */
    InputStream stream() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(bytes, manifest());
                InputStream library = LibraryJar.class.getResourceAsStream("/" + CLASS_ENTRY)) {
            jar.putNextEntry(new ZipEntry(isWhole ? CLASS_ENTRY : PACKAGE.replace('.', '/') + "/nothing.txt"));
            if (isWhole) {
                jar.write(library.readAllBytes());
            }
            jar.closeEntry();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ByteArrayInputStream(bytes.toByteArray());
    }

    private Manifest manifest() {
        Manifest manifest = new Manifest();
        Attributes headers = manifest.getMainAttributes();
        headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.putValue("Bundle-ManifestVersion", "2");
        headers.putValue("Bundle-SymbolicName", NAME);
        headers.putValue("Bundle-Version", version);
        headers.putValue("Export-Package", PACKAGE);
        return manifest;
    }
}
