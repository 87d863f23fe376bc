// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Follows events on their way through the handlers, until so many are followed or it is closed. What nobody takes in time is
 * dropped and counted. May be used by any thread.
 */
@ProviderType
public interface Trace extends AutoCloseable {
    /**
     * Takes the next event that is over: each of its handlers has ended or overran. Waits for it.
     *
     * @param patience for how long at most; zero is not at all
     * @return empty if there was none in that time, or there will be none any more
     * @throws InterruptedException if the calling thread is interrupted while it waits: no event is lost by that
     */
    Optional<TracedEvent> next(Duration patience) throws InterruptedException;

    /** Whether there will be none any more: as many as were asked for were taken, or it is closed, or the dispatcher stops. */
    boolean isOver();

    /** The events that are under way now, as they stand, in the order in which they came; each is taken with {@link #next} when it is over, too. */
    List<TracedEvent> underWay();

    /** How many events were dropped since the last call because nobody took them. */
    long takeDropped();

    /** Ends it. Does nothing the second time. */
    @Override
    void close();
}
