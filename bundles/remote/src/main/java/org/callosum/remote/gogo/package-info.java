// SPDX-License-Identifier: AGPL-3.0-only
/** Sessions of Felix's shell, Gogo, for clients of the socket. Loaded for the first client. */
package org.callosum.remote.gogo;
