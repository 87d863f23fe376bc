// SPDX-License-Identifier: AGPL-3.0-only
/** The framework's side of a change: what hangs on a bundle, what a new version lacks, and the change itself. */
package org.callosum.update.bundles;
