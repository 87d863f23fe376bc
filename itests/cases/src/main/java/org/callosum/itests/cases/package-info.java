// SPDX-License-Identifier: AGPL-3.0-only
/** The apps that tests in containers, and against the distribution, install and update. */
@Export
@Version("1.0.0")
package org.callosum.itests.cases;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
