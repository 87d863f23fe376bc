// SPDX-License-Identifier: AGPL-3.0-only
/**
 * What a bundle needs to work in the journal with names that came from the bus: where the journal is
 * ({@link org.callosum.journal.Journal}), names that are safe in it ({@link org.callosum.journal.Day},
 * {@link org.callosum.journal.Segment}, {@link org.callosum.journal.Stream}), files that no name and no symbolic link leads
 * out of it from ({@link org.callosum.journal.JournalFolder}), and log lines about such names
 * ({@link org.callosum.api.Printable}, {@link org.callosum.journal.Warnings}). Copied into each bundle that uses it:
 * nobody imports it.
 */
package org.callosum.journal;
