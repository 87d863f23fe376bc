// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

import org.callosum.api.KeyValues;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;

/**
 * What makes a bundle an app, whether it runs or not: the header {@value #HEADER}, or an import of the package
 * {@code org.callosum.api} by a bundle that is none of the runtime's own. One that has neither is an app only while it has a handler.
 */
public final class AppMark {
    /** The header that makes a bundle an app, and gives the app its name. */
    public static final String HEADER = "Callosum-App";

    /**
     * What the location begins with of a bundle that is installed for a moment, so that an update sees what a new version
     * requires: it has the headers of an app, and is none.
     */
    public static final String PROBE_LOCATION = "callosum-probe:";

    private static final Pattern API = Pattern.compile("(^|[,;\\s])org\\.callosum\\.api\\s*($|[,;])");
    private static final String OURS = "org.callosum.";

    private AppMark() {}

    /** Whether this bundle is an app. */
    public static boolean isOn(Bundle bundle) {
        return !bundle.getLocation().startsWith(PROBE_LOCATION) && isIn(bundle.getHeaders("")::get);
    }

    /**
     * Whether a manifest is an app's.
     *
     * @param headers gives the value of a header, {@code null} if it is missing
     */
    public static boolean isIn(UnaryOperator<String> headers) {
        if (headers.apply(HEADER) != null) {
            return true;
        }
        String imports = headers.apply(Constants.IMPORT_PACKAGE);
        return imports != null
                && API.matcher(imports).find()
                && !String.valueOf(headers.apply(Constants.BUNDLE_SYMBOLICNAME)).startsWith(OURS);
    }

    /** The name of the app that a bundle is, or would be: the header's, else its symbolic name, else its location. */
    public static String name(Bundle bundle) {
        String header = bundle.getHeaders("").get(HEADER);
        if (header != null && !header.isBlank()) {
            return header.strip();
        }
        // A bundle of old has no symbolic name.
        return bundle.getSymbolicName() == null ? bundle.getLocation() : bundle.getSymbolicName();
    }

    /** The app and the bundle that it is, for the values of a log line. */
    public static KeyValues keyValues(Bundle bundle) {
        return KeyValues.of("app", name(bundle))
                .and("bundle", bundle.getSymbolicName())
                .and("bundle_id", bundle.getBundleId())
                .and("version", bundle.getVersion());
    }
}
