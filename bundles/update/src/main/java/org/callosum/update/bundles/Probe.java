// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.bundles;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

import org.callosum.core.AppMark;
import org.callosum.update.JarContent;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.wiring.BundleRevision;

/**
 * Looks at a new version's requirements before anything of the one that runs is touched: its manifest alone is installed for
 * a moment, under another symbolic name, for a framework may refuse two bundles of one name and version.
 */
final class Probe {
    private static final String NAME = "callosum.probe.";

    private final BundleContext context;

    Probe(BundleContext context) {
        this.context = context;
    }

    /** What the content lacks of what it requires, if it took the place of the bundle {@code replaced}. */
    List<String> unmet(JarContent content, Bundle replaced) throws BundleException, IOException {
        Bundle probe = context.installBundle(
                AppMark.PROBE_LOCATION + replaced.getLocation(), new ByteArrayInputStream(manifestOf(content)));
        try {
            return new Unmet(context, each -> !each.equals(replaced)).of(probe.adapt(BundleRevision.class));
        } finally {
            probe.uninstall();
        }
    }

    /** Uninstalls those that were left. */
    void clear() throws BundleException {
        for (Bundle bundle : context.getBundles()) {
            if (bundle.getLocation().startsWith(AppMark.PROBE_LOCATION)) {
                bundle.uninstall();
            }
        }
    }

    private static byte[] manifestOf(JarContent content) throws IOException {
        Manifest manifest;
        try (var jar = new JarFile(content.file().toFile(), false)) {
            manifest = jar.getManifest();
        }
        manifest.getEntries().clear(); // digests of entries that are not there
        manifest.getMainAttributes()
                .computeIfPresent(new Attributes.Name(Constants.BUNDLE_SYMBOLICNAME), (name, value) -> NAME + value);
        var bytes = new ByteArrayOutputStream();
        new JarOutputStream(bytes, manifest).close();
        return bytes.toByteArray();
    }
}
