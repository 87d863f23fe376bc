// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.karaf;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.jar.Attributes;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

import org.callosum.itests.karaf.app.Counter;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;

/** Makes the jar of the app that counts, in any version. */
final class AppJar {
    static final String SYMBOLIC_NAME = "org.callosum.itests.counter";

    /** An entry of a jar that was mended. */
    static final String MENDED = "mended.txt";

    /** Writes the jar as a whole at once: a hot deployer never sees half of it. */
    static Path write(Path jar, String version) throws IOException {
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.putValue("Manifest-Version", "1.0");
        main.putValue("Bundle-ManifestVersion", "2");
        main.putValue("Bundle-SymbolicName", SYMBOLIC_NAME);
        main.putValue("Bundle-Version", version);
        main.putValue("Bundle-Activator", Counter.class.getName());
        main.putValue("Callosum-App", "counter");
        main.putValue("Import-Package", "org.callosum.api,org.osgi.framework,org.osgi.service.event");
        Path part = Files.createTempFile("counter", ".part");
        try (OutputStream file = Files.newOutputStream(part);
                JarOutputStream out = new JarOutputStream(file, manifest)) {
            String entry = Counter.class.getName().replace('.', '/') + ".class";
            out.putNextEntry(new ZipEntry(entry));
            try (InputStream bytes = AppJar.class.getResourceAsStream("/" + entry)) {
                bytes.transferTo(out);
            }
        }
        return Files.move(part, jar, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Writes a jar as a bundle was installed from, of the same version, with an entry more. */
    static Path mended(Bundle bundle, Path jar) throws IOException {
        return revised(bundle, bundle.getHeaders().get(Constants.BUNDLE_VERSION), jar);
    }

    /** Writes a jar as a bundle was installed from, of another version, with an entry more. */
    static Path revised(Bundle bundle, String version, Path jar) throws IOException {
        try (JarInputStream in = new JarInputStream(new URL(bundle.getLocation()).openStream())) {
            Manifest manifest = in.getManifest();
            manifest.getMainAttributes().putValue(Constants.BUNDLE_VERSION, version);
            try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
                for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                    out.putNextEntry(new ZipEntry(entry.getName()));
                    in.transferTo(out);
                }
                out.putNextEntry(new ZipEntry(MENDED));
            }
        }
        return jar;
    }

    private AppJar() {}
}
