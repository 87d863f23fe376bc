// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import org.callosum.api.KeyValues;

/**
 * Whose a handler is. Immutable.
 *
 * @param app the app's name; the same object for each owner of that name, so that it may be compared by identity
 * @param bundleId the bundle's id
 * @param bundle the bundle's symbolic name
 * @param version the bundle's version
 */
public record Owner(String app, long bundleId, String bundle, String version) {
    /** Makes the app's name comparable by identity. */
    public Owner {
        app = app.intern();
    }

    /** The app, for the values of a log line. */
    KeyValues keyValues() {
        return KeyValues.of("app", app);
    }

    /** The bundle, for the values of a log line about how it was built. */
    public KeyValues bundleKeyValues() {
        return KeyValues.of("bundle", bundle).and("bundle_id", bundleId).and("version", version);
    }

    /** The app and one of its handlers, for the values of a log line. */
    KeyValues keyValues(String handler) {
        return keyValues().and("handler", handler);
    }
}
