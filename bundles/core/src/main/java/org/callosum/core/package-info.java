// SPDX-License-Identifier: AGPL-3.0-only
/**
 * What other bundles see of the runtime's core: the {@link org.callosum.core.Dispatcher}, the
 * {@link org.callosum.core.Bridge}, and their numbers. Every number that an operator can read anywhere comes from here.
 * How dispatch works is in the packages below, which nobody sees.
 */
@Export
@Version("1.3.0")
package org.callosum.core;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
