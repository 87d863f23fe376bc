// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.transport;

import org.callosum.api.Emission;
import org.callosum.api.EmitRefusedException;
import org.callosum.api.Message;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A bus. Published as a service by a bundle that serves one or connects to one; used by the runtime's core.
 *
 * <p>All messages, the own ones included, come in one total order that is the same for everybody on the bus.
 *
 * <p><b>Threads.</b> Every method may be called by any thread, and none waits for the bus.
 */
@ProviderType
public interface Transport {
    /**
     * Begins to hand over what comes over the bus from now on. There is one receiver at a time.
     *
     * @throws IllegalStateException if another receiver is attached
     */
    void attach(Receiver receiver);

    /** Ends to hand over; does nothing if this receiver is not attached. When it returns, the receiver is not called any more. */
    void detach(Receiver receiver);

    /** Is told by the receiver that it has room again after it had none. */
    void resume();

    /**
     * Emits a message to everybody on the bus, the attached receiver included.
     *
     * @param message a message with a tract and an event
     * @return whether it was handed to the bus, or is kept because the bus is away
     * @throws IllegalArgumentException if it is longer than a frame may be
     * @throws EmitRefusedException if there is no room to keep it
     */
    Emission send(Message message);

    /** How it stands now. */
    TransportStatus status();
}
