// SPDX-License-Identifier: AGPL-3.0-only
/**
 * Changes of apps while the runtime runs, and what they came to.
 *
 * <p>{@link org.callosum.update.BundleChanges} makes one change: it replaces a bundle's content and refreshes what hangs on it
 * and nothing else; a new version whose requirements are not met does not replace the one that runs.
 * {@link org.callosum.update.AppUpdates} makes one for an operator and reports the proof: what was parked and handed over,
 * what was refreshed and why, what is left of the version before and what holds it. Both work on the framework's own
 * interfaces alone. Who keeps jars somewhere, as the apps' folder does, is a {@link org.callosum.update.ContentKeeper}.
 */
@Export
@Version("1.0.0")
package org.callosum.update;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
