// SPDX-License-Identifier: AGPL-3.0-only
/**
 * The bus for a plain Java program, outside of any container: {@link org.callosum.client.CallosumClient} connects, listens
 * and emits. On the class path it takes this bundle's jar and that of {@code org.callosum.api}, and nothing else.
 *
 * <p>An app in the runtime needs none of this: its handlers are services, and it emits with
 * {@link org.callosum.api.Callosum}.
 */
@Export
@Version("1.0.0")
package org.callosum.client;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
