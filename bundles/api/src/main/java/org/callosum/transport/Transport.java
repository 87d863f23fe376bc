// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.transport;

import java.util.List;

import org.callosum.api.Emission;
import org.callosum.api.EmitRefusedException;
import org.callosum.api.Message;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A bus. Published as a service by a bundle that serves one or connects to one; used by the runtime's core.
 *
 * <p>All messages, the own ones included, come in one total order that is the same for everybody on the bus.
 *
 * <p><b>Threads.</b> Every method may be called by any thread. None waits for the bus, but {@link #connections()} and {@link #disconnect}: they
 * wait until the thread that serves it has answered, which is a moment, and a few seconds at most.
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

    /**
     * The connections that are open, by their number: of a transport that serves the bus those of its clients, of one that
     * connects to it the one to the bus, if it is there. All are as they stood at the same moment.
     *
     * @throws IllegalStateException if it was not told in time, or the calling thread is interrupted
     */
    List<ConnectionStatus> connections();

    /** The last connections that are no more, the one closed first before the others; none where nobody remembers them. */
    List<ConnectionStatus> closedConnections();

    /**
     * Closes a connection: what waits for it, and what it has sent and nobody has taken, is dropped. Its other end may connect
     * again, and a transport that connects to the bus does.
     *
     * @param id the connection's number
     * @return whether it was open
     * @throws IllegalStateException if it was not told in time, or the calling thread is interrupted: whether it
     *     was closed is then not known
     */
    boolean disconnect(long id);
}
