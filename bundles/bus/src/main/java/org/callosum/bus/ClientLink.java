// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

import org.callosum.transport.ConnectionStatus;
import org.callosum.transport.ConnectionStatus.State;

/**
 * A client's connection to its bus, while it is there. What the client has counted in all, less what it had when this
 * connection began, is this connection's.
 *
 * <p><b>Threads.</b> Immutable; any thread.
 */
final class ClientLink {
    private final long id;
    private final Peer peer;
    private final ClientCounters counters;
    private final Instant since = Instant.now();
    private final long framesIn;
    private final long bytesIn;
    private final long invalid;
    private final long tooLong;
    private final long framesOut;
    private final long bytesOut;

    /**
     * Begins one.
     *
     * @param id its number, counted from the client's start
     * @param peer who serves the bus
     */
    ClientLink(long id, Peer peer, ClientCounters counters) {
        this.id = id;
        this.peer = peer;
        this.counters = counters;
        framesIn = counters.framesIn.sum();
        bytesIn = counters.bytesIn.sum();
        invalid = counters.invalid.sum();
        tooLong = counters.tooLong.sum();
        framesOut = counters.framesOut.sum();
        bytesOut = counters.bytesOut.sum();
    }

    /** Its number. */
    long id() {
        return id;
    }

    /** How it stands. Tracts are not counted here: what comes from the bus is everybody's. */
    ConnectionStatus status(EmitQueue queue) {
        return new ConnectionStatus(
                id,
                peer.user(),
                peer.group(),
                Optional.empty(),
                State.OPEN,
                since,
                Optional.empty(),
                "",
                counters.framesIn.sum() - framesIn,
                counters.bytesIn.sum() - bytesIn,
                counters.invalid.sum() - invalid,
                counters.tooLong.sum() - tooLong,
                0,
                counters.framesOut.sum() - framesOut,
                counters.bytesOut.sum() - bytesOut,
                0,
                queue.bytes(),
                Optional.empty(),
                List.of(),
                "");
    }
}
