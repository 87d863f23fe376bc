// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.deploy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.jar.JarFile;
import java.util.jar.Manifest;

import org.callosum.core.AppMark;

/** Tells an app's jar from others by its manifest, where others deploy from the same folder. */
final class JarMark {
    private JarMark() {}

    /** False for a file that cannot be read yet, too. */
    static boolean isIn(Path jar) {
        try (var file = new JarFile(jar.toFile(), false)) {
            Manifest manifest = file.getManifest();
            return manifest != null && AppMark.isIn(manifest.getMainAttributes()::getValue);
        } catch (IOException e) {
            return false;
        }
    }
}
