// SPDX-License-Identifier: AGPL-3.0-only
/**
 * Gogo commands of the scope {@code callosum}: thin components that print what the views say. Nothing in here is for other
 * bundles.
 */
package org.callosum.shell;
