// SPDX-License-Identifier: AGPL-3.0-only
/** Commands for Karaf's own shell. Loaded for the first client, and only in Karaf. */
package org.callosum.remote.karaf;
