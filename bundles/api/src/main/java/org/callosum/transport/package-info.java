// SPDX-License-Identifier: AGPL-3.0-only
/**
 * The port to a bus. A bundle that speaks to one publishes a {@link org.callosum.transport.Transport}; the runtime's core
 * is its {@link org.callosum.transport.Receiver}. Apps need nothing of this package.
 *
 * <p>Nothing here takes or gives {@code null}, and no component of a record is {@code null}.
 */
@Export
@Version("1.3.0")
package org.callosum.transport;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
