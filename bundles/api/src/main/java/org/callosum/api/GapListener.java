// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.api;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Is told of events that could not be kept for it. A handler implements it beside {@link CallosumEventHandler}, or beside
 * the plain {@code EventHandler}, if it keeps something that a missing event makes wrong, and can mend that.
 *
 * <pre>{@code
 * @Component(service = EventHandler.class)
 * @OnEvent(tract = "segments", event = "*")
 * public final class Index implements CallosumEventHandler, GapListener {
 *     @Override
 *     public void gap(Gap gap) {
 *         rescan(gap.from()); // what came since then may not be in the index
 *     }
 *
 *     @Override
 *     public void handle(EventContext context) { … }
 * }
 * }</pre>
 *
 * <p>The runtime loses nothing that it can keep. What it cannot, because a limit was reached or the bus was away, it tells
 * here, whatever the cause: there is one call for each {@link Gap.Reason}, however often it occurred.
 *
 * <p><b>Threads.</b> As {@link CallosumEventHandler#handle}: on the same thread, right before the handler's next event, and
 * within that event's time limit.
 */
@ConsumerType
public interface GapListener {
    /**
     * Takes note of missing events.
     *
     * <p>Whatever it throws is logged and counted as a failure of the handler; the event is handed over all the same, and
     * the gap is not told again.
     *
     * @param gap what is missing, never {@code null}
     * @throws Exception for any failure
     */
    void gap(Gap gap) throws Exception;
}
