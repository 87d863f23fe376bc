// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.deploy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;

import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;

/** Tells an app from other bundles by its manifest, where others deploy from the same folder: it has our header or our API. */
final class AppMarks {
    private static final String HEADER = "Callosum-App";
    private static final Pattern API = Pattern.compile("(^|[,;\\s])org\\.callosum\\.api\\s*($|[,;])");

    private AppMarks() {}

    static boolean has(Bundle bundle) {
        var headers = bundle.getHeaders("");
        return has(headers.get(HEADER), headers.get(Constants.IMPORT_PACKAGE));
    }

    /** False for a file that cannot be read yet, too. */
    static boolean has(Path jar) {
        try (var file = new JarFile(jar.toFile(), false)) {
            Manifest manifest = file.getManifest();
            return manifest != null
                    && has(
                            manifest.getMainAttributes().getValue(HEADER),
                            manifest.getMainAttributes().getValue(Constants.IMPORT_PACKAGE));
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean has(String header, String imports) {
        return header != null || imports != null && API.matcher(imports).find();
    }
}
