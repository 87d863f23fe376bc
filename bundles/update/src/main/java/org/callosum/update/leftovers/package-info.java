// SPDX-License-Identifier: AGPL-3.0-only
/** What is left of a version that was replaced: whether its class loader was collected, and what refers to it if not. */
package org.callosum.update.leftovers;
