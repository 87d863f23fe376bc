// SPDX-License-Identifier: AGPL-3.0-only
/**
 * Numbered events from outside, over the bus's socket, and what handlers made of them. Plain Java: it works in a test's
 * own process as in a container.
 */
@Export
@Version("1.0.0")
package org.callosum.itests.traffic;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
