// SPDX-License-Identifier: AGPL-3.0-only
/** The file of a Unix socket that is served here, and who is at the other end of a connection. */
package org.callosum.socket;
