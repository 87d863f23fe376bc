// SPDX-License-Identifier: AGPL-3.0-only
/**
 * What other bundles see of the runtime's core: the {@link org.callosum.core.Dispatcher}, the
 * {@link org.callosum.core.Bridge}, and their numbers. Every number that an operator can read anywhere comes from here.
 * How dispatch works is in the packages below, which nobody sees.
 *
 * <p>Nothing here takes or gives {@code null}, and no component of a record is {@code null}, but where a comment says so: what may be
 * missing is an {@link java.util.Optional}, an empty string or an empty list. Names and texts of apps and of the bus are as they
 * came: who shows them has to escape them, as {@link org.callosum.api.Printable} does.
 */
@Export
@Version("1.3.0")
package org.callosum.core;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
