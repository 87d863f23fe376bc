// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import org.osgi.annotation.versioning.ProviderType;

/** The way from the bus to the dispatcher: a service of the core, for those who watch it. May be called by any thread. */
@ProviderType
public interface Bridge {
    /** How it stands now. */
    BridgeStatus status();
}
