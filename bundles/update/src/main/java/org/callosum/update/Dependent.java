// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update;

/**
 * A bundle that has to be refreshed when another one changes, because it is wired to it. Immutable.
 *
 * @param bundle the bundle
 * @param reason why, as the end of a sentence that begins with the bundle: {@code imports package 'p' of 'a'}
 */
public record Dependent(BundleVersion bundle, String reason) {}
