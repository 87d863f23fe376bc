// SPDX-License-Identifier: AGPL-3.0-only
/** The way from the bus to the dispatcher and back: the queue between the two, the start, the stop, and emitting. */
package org.callosum.core.bridge;
