// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.time.Instant;

/**
 * A connection that is no more. Immutable.
 *
 * @param id its number, counted from the server's start
 * @param user who it was: the user at the other end, or {@code unknown}
 * @param since when it connected
 * @param until when it was closed
 * @param reason why
 * @param backlogBytes what it had not got yet
 * @param framesIn how many frames it had sent
 * @param lastFrame tract and event of the last of them, fit to be printed; empty if there was none
 */
record ClosedConnection(
        long id,
        String user,
        Instant since,
        Instant until,
        String reason,
        long backlogBytes,
        long framesIn,
        String lastFrame) {}
