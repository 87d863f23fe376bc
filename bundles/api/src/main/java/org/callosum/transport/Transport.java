// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.transport;

import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;

import org.callosum.api.Emission;
import org.callosum.api.EmitRefusedException;
import org.callosum.api.Message;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A bus. Published as a service by a bundle that serves one or connects to one; used by the runtime's core.
 *
 * <p>All messages, the own ones included, come in one total order that is the same for everybody on the bus.
 *
 * <p><b>Threads.</b> Every method may be called by any thread. None waits for the bus, but {@link #work}, and
 * {@link #connections()}, {@link #disconnect} and {@link #replay}: these wait until the thread that serves it has answered,
 * which is a moment, and a few seconds at most.
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
     * Does the transport's work on the calling thread, in place of the transport's own one, until the caller has something else
     * to do: it handles what came without a change of threads. It may then be back soon for more of that; if not, somebody
     * says so with {@link #leave()}, for nobody does the work meanwhile.
     *
     * <p>The one method here that waits, for as long as it takes: an interrupt does not end it, and is dropped. It is one thread's
     * at a time; another one that asks is refused. The receiver is called on the thread that is here.
     *
     * @param until whether the caller has something else to do; asked on the calling thread, often, between two turns of the
     *     work, so it must not wait. Whoever makes it true from another thread calls {@link #resume()} afterwards
     * @return whether the work was done; {@code false}, at once, if it is not to be had: now, or with this transport
     */
    default boolean work(BooleanSupplier until) {
        return false;
    }

    /**
     * Says that whoever did the {@link #work} will not be back soon: the transport's own thread goes on. Does nothing while it is
     * being done. Does not wait, and may be called with a lock held.
     */
    default void leave() {}

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

    /**
     * Gives the last messages that came since the bus was started, as far as they are kept, and then all that come: one
     * stream, in the order of the bus. Whoever reads it is a client of the bus like any other, with a backlog of its own.
     *
     * @return the stream, to be closed
     * @throws IllegalStateException if nothing is kept here, or it was not told in time; the message says which and can be shown
     * @throws IOException if no stream can be made
     */
    default Replay replay() throws IOException {
        throw new IllegalStateException("This bus keeps nothing of what came");
    }
}
