// SPDX-License-Identifier: AGPL-3.0-only
/**
 * One event on its way: which handlers match it ({@link org.callosum.core.dispatch.RouteTable}), how they run
 * ({@link org.callosum.core.dispatch.Workers}), and the order of it all
 * ({@link org.callosum.core.dispatch.SerialDispatcher}). Plain Java: nothing here knows of services or bundles.
 */
package org.callosum.core.dispatch;
