// SPDX-License-Identifier: AGPL-3.0-only
/** Whether the runtime does its work: what an operator's monitor asks, found in the core's own numbers. Plain Java. */
package org.callosum.core.health;
