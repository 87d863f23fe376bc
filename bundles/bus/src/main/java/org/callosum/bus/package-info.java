// SPDX-License-Identifier: AGPL-3.0-only
/**
 * The Callosum wire, as {@code protocol.md} has it: the codec of its frames, and a {@link org.callosum.transport.Transport}
 * for either side of the Unix socket. {@link org.callosum.bus.BusServer} serves the bus, {@link org.callosum.bus.BusClient}
 * is a guest on somebody else's, and {@link org.callosum.bus.BusComponent} decides which.
 *
 * <p>Each side has one thread, its loop, that owns sockets and frames and never waits for a peer. What other threads may
 * call stands under <b>Threads.</b> in the class; a class without that paragraph belongs to the loop alone.
 */
package org.callosum.bus;
