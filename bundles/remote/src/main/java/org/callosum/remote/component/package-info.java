// SPDX-License-Identifier: AGPL-3.0-only
/** Makes a component of the server, and maps its configuration. */
package org.callosum.remote.component;
