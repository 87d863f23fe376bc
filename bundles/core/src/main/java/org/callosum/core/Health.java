// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.util.List;

import org.osgi.annotation.versioning.ProviderType;

/** Whether the runtime does its work: a service of the core, for monitors. May be called by any thread. */
@ProviderType
public interface Health {
    /** All checks, made now, always the same ones in the same order. Waits for nothing that the runtime does. */
    List<HealthStatus> check();
}
