// SPDX-License-Identifier: AGPL-3.0-only
/** An operator's change of an app: which bundle is meant, what is to be put into its place, and the report. */
package org.callosum.update.apps;
