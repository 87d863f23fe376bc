// SPDX-License-Identifier: AGPL-3.0-only
/**
 * What people type and what is shown to them, the same in the shell and on the command line. Copied into each bundle that
 * uses it: nobody imports it.
 */
package org.callosum.console;
