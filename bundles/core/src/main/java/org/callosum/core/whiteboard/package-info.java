// SPDX-License-Identifier: AGPL-3.0-only
/** The handlers that app bundles publish, tracked as they come and go: the edge between OSGi's services and the dispatcher. */
package org.callosum.core.whiteboard;
