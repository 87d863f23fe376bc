// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core;

import java.time.Duration;
import java.util.Optional;

import org.callosum.transport.TransportStatus;

/**
 * How the way from the bus to the dispatcher stands at one moment. Immutable.
 *
 * @param dispatching whether events are dispatched: {@code false} until the apps are up, and after the stop
 * @param transport the bus; empty while there is none
 * @param queued events received and not yet dispatched
 * @param queuedBytes the length of the JSON texts of those that are in memory
 * @param oldestQueued how long the oldest of them has waited; zero if none waits
 * @param spilled how many of them are on disk and not in memory
 * @param spilledBytes the size of the files that they are in; what was read from there and is not dispatched yet counts, too
 * @param oldestSpilled how long the oldest of those on disk has waited; zero if there is none
 * @param received events received since start, the own ones included
 * @param dispatched events dispatched since start
 * @param givenUp events given up since start, because the queue was full on a bus that nobody can be made to wait on
 * @param emitted messages accepted from this runtime's bundles since start
 * @param refused messages of this runtime's bundles refused since start
 */
public record BridgeStatus(
        boolean dispatching,
        Optional<TransportStatus> transport,
        long queued,
        long queuedBytes,
        Duration oldestQueued,
        long spilled,
        long spilledBytes,
        Duration oldestSpilled,
        long received,
        long dispatched,
        long givenUp,
        long emitted,
        long refused) {}
