// SPDX-License-Identifier: AGPL-3.0-only
/**
 * Where the log goes in the standalone distribution: the entries of the OSGi log service become lines on standard error,
 * or in a file that is rotated. Starts right after the log service, so that nothing is missed, and stops right before it.
 */
package org.callosum.log;
