// SPDX-License-Identifier: AGPL-3.0-only
/**
 * What happens in the runtime and a user interface wants to show, as messages of the tract {@code runtime} on the bus itself:
 * handlers that fail, hang, are in quarantine and out of it, apps that come, change and go, clients that are thrown off. Nothing in
 * here is for other bundles.
 */
package org.callosum.runtime;
