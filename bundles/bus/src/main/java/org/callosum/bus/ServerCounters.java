// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a server counts.
 *
 * <p><b>Threads.</b> The loop counts, and the {@link Entrance}'s thread those that are refused; any thread reads.
 */
final class ServerCounters {
    final LongAdder clients = new LongAdder();
    final LongAdder accepted = new LongAdder();
    final LongAdder refusedPeers = new LongAdder();
    final LongAdder acceptPauses = new LongAdder();
    final LongAdder framesIn = new LongAdder();
    final LongAdder framesOut = new LongAdder();
    final LongAdder bytesIn = new LongAdder();
    final LongAdder bytesOut = new LongAdder();
    final LongAdder own = new LongAdder();
    final LongAdder invalid = new LongAdder();
    final LongAdder tooLong = new LongAdder();
    final LongAdder noRoom = new LongAdder();
    final LongAdder droppedSendOnly = new LongAdder();
    final LongAdder disconnectedStalled = new LongAdder();
    final LongAdder disconnectedNoRoom = new LongAdder();
    final LongAdder heldUp = new LongAdder();
    final LongAdder heldUpNanos = new LongAdder();
    final LongAdder boundAgain = new LongAdder();
    final LongAdder displaced = new LongAdder();
    final LongAdder sentOver = new LongAdder();
    final LongAdder givenUpClients = new LongAdder();

    /** Of all clients together, at the end of the loop's last turn. */
    volatile long backlogBytes;

    /** What the loop held for messages, at the end of its last turn; see {@link BusMemory}. */
    volatile long memoryBytes;

    /** How many clients are send-only, at the end of the loop's last turn. */
    volatile long sendOnly;

    /** How many were accepted and are not let in yet. */
    volatile int entering;

    /** Whether the system gives no more sockets, so that nobody is let in. */
    volatile boolean isAcceptPaused;

    /** Whether something is in the socket file's place that is no socket, or the place cannot be had: nobody finds the bus. */
    volatile boolean isSocketLost;

    /** All of them by name, in the order to be shown in. */
    Map<String, Long> byName(long pendingOwnBytes, long memoryLimit) {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("clients", clients.sum());
        all.put("sendOnlyClients", sendOnly);
        all.put("accepted", accepted.sum());
        all.put("refusedPeers", refusedPeers.sum());
        all.put("entering", (long) entering);
        all.put("acceptPauses", acceptPauses.sum());
        all.put("acceptPaused", isAcceptPaused ? 1L : 0L);
        all.put("framesIn", framesIn.sum());
        all.put("framesOut", framesOut.sum());
        all.put("bytesIn", bytesIn.sum());
        all.put("bytesOut", bytesOut.sum());
        all.put("ownFrames", own.sum());
        all.put("ownPendingBytes", pendingOwnBytes);
        all.put("invalid", invalid.sum());
        all.put("tooLong", tooLong.sum());
        all.put("noRoom", noRoom.sum());
        all.put("backlogBytes", backlogBytes);
        all.put("memoryBytes", memoryBytes + pendingOwnBytes);
        all.put("memoryLimitBytes", memoryLimit);
        all.put("droppedSendOnly", droppedSendOnly.sum());
        all.put("disconnectedStalled", disconnectedStalled.sum());
        all.put("disconnectedNoRoom", disconnectedNoRoom.sum());
        all.put("heldUp", heldUp.sum());
        all.put("heldUpMillis", TimeUnit.NANOSECONDS.toMillis(heldUpNanos.sum()));
        all.put("socketLost", isSocketLost ? 1L : 0L);
        all.put("boundAgain", boundAgain.sum());
        all.put("displaced", displaced.sum());
        all.put("sentOver", sentOver.sum());
        all.put("givenUpClients", givenUpClients.sum());
        return all;
    }
}
