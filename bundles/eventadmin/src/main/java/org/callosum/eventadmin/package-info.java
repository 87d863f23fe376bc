// SPDX-License-Identifier: AGPL-3.0-only
/**
 * A bridge between the bus and the container's EventAdmin, both ways.
 *
 * <p>{@link org.callosum.eventadmin.ToEventAdmin} posts messages of the bus as events,
 * {@link org.callosum.eventadmin.ToBus} emits events as messages. Each is a handler that only enqueues, and a
 * {@link org.callosum.eventadmin.Relay} that does the rest on a thread of its own.
 * {@link org.callosum.eventadmin.EventAdminComponent} configures both.
 */
package org.callosum.eventadmin;
