// SPDX-License-Identifier: AGPL-3.0-only
/** The other end of the socket, for the command line: plain Java, with no class of OSGi, Gogo or a line editor. */
package org.callosum.remote.client;
