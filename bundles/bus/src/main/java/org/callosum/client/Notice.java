// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.client;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

import org.callosum.api.Gap;

/**
 * What happened between two messages that wait for the listeners: however much that was, it takes no more room than this.
 *
 * <p><b>Threads.</b> Guarded by the {@link ListenQueue} that it is in; of the listening thread once it was taken out.
 */
final class Notice {
    private long givenUp;
    private Instant givenUpFrom;
    private Instant givenUpTo;
    private Instant awayFrom;
    private Instant awayTo;
    private String lostReason;
    private boolean isConnectionChanged;
    private boolean isConnected;

    /** A message was given up. */
    void addGivenUp(Instant now) {
        givenUpFrom = givenUp == 0 ? now : givenUpFrom;
        givenUpTo = now.isBefore(givenUpFrom) ? givenUpFrom : now; // the clock may have been set back
        givenUp++;
    }

    /** The client was not on the bus. */
    void addAway(Instant from, Instant to) {
        awayFrom = awayFrom == null ? from : awayFrom;
        awayTo = to.isBefore(awayFrom) ? awayFrom : to;
    }

    /** The connection began. */
    void addConnected() {
        isConnectionChanged = true;
        isConnected = true;
    }

    /** The connection ended. */
    void addLost(String reason) {
        isConnectionChanged = true;
        isConnected = false;
        lostReason = reason == null ? "for no known reason" : reason;
    }

    /** What is missing: one gap for each reason. */
    List<Gap> gaps() {
        List<Gap> gaps = new ArrayList<>();
        if (awayFrom != null) {
            gaps.add(new Gap(Gap.Reason.BUS_AWAY, OptionalLong.empty(), awayFrom, awayTo));
        }
        if (givenUp > 0) {
            gaps.add(new Gap(Gap.Reason.QUEUE_FULL, OptionalLong.of(givenUp), givenUpFrom, givenUpTo));
        }
        return gaps;
    }

    /** Why the connection was lost the last time; {@code null} if it was not. */
    String lostReason() {
        return lostReason;
    }

    /** Whether the bus was there at the end, given whether it was before. */
    boolean isConnectedAfter(boolean before) {
        return isConnectionChanged ? isConnected : before;
    }
}
