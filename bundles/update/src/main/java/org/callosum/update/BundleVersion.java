// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update;

import org.callosum.core.AppMark;
import org.osgi.framework.Bundle;

/**
 * A bundle in one version. Immutable.
 *
 * @param id the bundle's id
 * @param app its {@code Callosum-App} header, else its symbolic name
 * @param symbolicName its symbolic name; the location of a bundle that has none
 * @param version its version
 */
public record BundleVersion(long id, String app, String symbolicName, String version) {
    /** What the bundle is now. */
    public static BundleVersion of(Bundle bundle) {
        String name = bundle.getSymbolicName() == null ? bundle.getLocation() : bundle.getSymbolicName();
        return new BundleVersion(
                bundle.getBundleId(),
                AppMark.name(bundle),
                name,
                bundle.getVersion().toString());
    }

    /** The symbolic name and the version. */
    public String label() {
        return symbolicName + " " + version;
    }
}
