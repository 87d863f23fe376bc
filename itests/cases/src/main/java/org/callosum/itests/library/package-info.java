// SPDX-License-Identifier: AGPL-3.0-only
/** What a test's app borrows from another bundle. */
package org.callosum.itests.library;
