// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;

import org.callosum.transport.Transport;

/** Either end of a bus, with its life: started once, stopped once or more. */
interface BusEnd extends Transport {
    /**
     * Starts it. When it returns it is usable: it serves, or it connects and keeps what is sent meanwhile.
     *
     * @throws IOException if it cannot be, with the reason and the remedy
     */
    void start() throws IOException;

    /** Applies what can be changed while it runs; mode and socket are not looked at. */
    void apply(BusSettings changed);

    /** Stops it and gives back all it has; does nothing if it is not running. */
    void stop();
}
