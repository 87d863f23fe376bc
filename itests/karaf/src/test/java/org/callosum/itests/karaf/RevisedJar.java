// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.karaf;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;

/** Makes the jar of a bundle that is installed anew, with an entry more that tells it from the original. */
final class RevisedJar {
    /** The entry. */
    static final String ENTRY = "revised.txt";

    /** Writes it in the same version, as one who mends it by hand. */
    static Path of(Bundle bundle, Path jar) throws IOException {
        return of(bundle, bundle.getHeaders().get(Constants.BUNDLE_VERSION), jar);
    }

    /** Writes it in another version. */
    static Path of(Bundle bundle, String version, Path jar) throws IOException {
        try (JarInputStream in = new JarInputStream(new URL(bundle.getLocation()).openStream())) {
            Manifest manifest = in.getManifest();
            manifest.getMainAttributes().putValue(Constants.BUNDLE_VERSION, version);
            try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
                for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                    out.putNextEntry(new ZipEntry(entry.getName()));
                    in.transferTo(out);
                }
                out.putNextEntry(new ZipEntry(ENTRY));
            }
        }
        return jar;
    }

    private RevisedJar() {}
}
