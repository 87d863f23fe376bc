// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;

import org.callosum.api.KeyValues;
import org.osgi.service.log.Logger;

/**
 * Reads what clients send, and has it put into the order. Where there is no room for more, what was read waits with its client,
 * and no sender is read from until all who wait have been taken from, one after the other.
 *
 * <p>Its methods are called between {@link ReceiverSlot#enter()} and {@link ReceiverSlot#exit()}.
 */
final class Intake {
    /** What is read from one sender before the others have their turn. */
    private static final int READ_BYTES = 1 << 18;

    private final ServedClients clients;
    private final Sequencer sequencer;
    private final ServerCounters counters;
    private final Logger logger;
    private final ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);

    /** Clients that have sent something and are not read from for now: there is no room. */
    private final Set<ServedClient> unread = new LinkedHashSet<>();

    /** Clients with something that was read and not taken, in the order in which they wait for room. */
    private final Queue<ServedClient> waiting = new ArrayDeque<>();

    Intake(ServedClients clients, Sequencer sequencer, ServerCounters counters, Logger logger) {
        this.clients = clients;
        this.sequencer = sequencer;
        this.counters = counters;
        this.logger = logger;
    }

    /** Takes what was read before, from each client that waits; who waits on goes to the end. */
    void takeWaiting(long nowNanos) {
        for (int i = waiting.size(); i > 0 && sequencer.admitsSenders(nowNanos); i--) {
            takeFrom(waiting.remove(), nowNanos);
        }
    }

    /** Reads once from a client that has sent something, or has it wait until there is room. */
    void read(ServedClient client, long nowNanos) {
        if (waiting.isEmpty() && sequencer.admitsSenders(nowNanos)) {
            readNow(client, nowNanos);
        } else {
            unread.add(client); // and its socket is not to be found ready again and again
            client.pause(true);
            client.watch();
        }
    }

    /** Has those be read from again who had to wait, if there is room. */
    void resume(long nowNanos) {
        if (!unread.isEmpty() && waiting.isEmpty() && sequencer.admitsSenders(nowNanos)) {
            for (ServedClient client : unread) {
                client.pause(false);
                client.watch();
            }
            unread.clear();
        }
    }

    /** Whether something that was read could be taken now. */
    boolean hasWork(long nowNanos) {
        return !waiting.isEmpty() && sequencer.admitsSenders(nowNanos);
    }

    /** Takes what the sockets of all clients hold: {@link #READ_BYTES} are more than they can. */
    void readOnceMore(long nowNanos) {
        takeWaiting(nowNanos);
        for (ServedClient client : List.copyOf(clients.all())) {
            int count = 1;
            // Several reads, for one whose frame has begun long ago is read from in small pieces.
            for (int total = 0; count > 0 && total < READ_BYTES && mayBeRead(client, nowNanos); total += count) {
                count = readNow(client, nowNanos);
            }
        }
        int givenUp = countOfThoseWithMore(nowNanos);
        if (givenUp > 0) {
            counters.givenUpClients.add(givenUp);
            logger.warn(
                    "What {} clients had sent is given up with them: there was no room for it{}",
                    givenUp,
                    KeyValues.of("clients", givenUp));
        }
    }

    /** How many have sent something that there is no room for, read or not. It is the last that is read of them. */
    private int countOfThoseWithMore(long nowNanos) {
        if (waiting.isEmpty() && sequencer.admitsSenders(nowNanos)) {
            return 0;
        }
        Set<ServedClient> withMore = new HashSet<>(waiting);
        for (ServedClient client : clients.all()) {
            if (!client.hasEnded() && !withMore.contains(client) && hasMore(client)) {
                withMore.add(client);
            }
        }
        return withMore.size();
    }

    private boolean hasMore(ServedClient client) {
        try {
            return client.read(buffer) > 0;
        } catch (IOException reset) {
            return false;
        }
    }

    /** Is told that a client is gone. */
    void forget(ServedClient client) {
        unread.remove(client);
        waiting.remove(client);
    }

    private boolean mayBeRead(ServedClient client, long nowNanos) {
        boolean isThere = !client.hasEnded() && clients.all().contains(client);
        return isThere && waiting.isEmpty() && sequencer.admitsSenders(nowNanos);
    }

    private int readNow(ServedClient client, long nowNanos) {
        int count;
        try {
            count = client.read(buffer);
        } catch (IOException reset) {
            // It closed without having read all that it got. What it had sent has come before this.
            count = -1;
        }
        if (count < 0) {
            client.end();
        } else {
            counters.bytesIn.add(count);
        }
        takeFrom(client, nowNanos);
        return count;
    }

    private void takeFrom(ServedClient client, long nowNanos) {
        try {
            boolean isDone = sequencer.takeFrom(client, nowNanos);
            if (isDone && client.hasEnded()) {
                isDone = sequencer.takeLast(client, nowNanos);
            }
            if (!isDone) {
                client.splitter().holdRest(); // the buffer is used again for the next read
                waiting.add(client);
                client.watch(); // not for its end, which it may have come to
            } else if (client.hasEnded()) {
                clients.end(client, nowNanos);
            }
        } catch (RuntimeException | Error e) {
            logger.error(
                    "Taking a frame of {} failed: it is disconnected, the others go on{}",
                    client,
                    client.keyValues(),
                    e);
            clients.remove(client, "failure: " + e, nowNanos);
        }
    }
}
