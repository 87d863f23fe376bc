// SPDX-License-Identifier: AGPL-3.0-only
/** Where the journal is, and safe names in it. Copied into each bundle that uses it: nobody imports it. */
package org.callosum.journal;
