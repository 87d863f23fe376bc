// SPDX-License-Identifier: AGPL-3.0-only
/**
 * The shell of a running service: a Unix socket in the journal on which {@code callosum shell} finds it. Nothing in here is
 * for other bundles; the command line has {@code wire} and {@code client} on its class path.
 */
package org.callosum.remote;
