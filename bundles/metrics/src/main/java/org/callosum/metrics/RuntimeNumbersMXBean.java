// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import java.util.Map;

/** The runtime over JMX: the numbers of the core, read when they are asked for. Public, because JMX demands it. */
public interface RuntimeNumbersMXBean {
    /** The version of the runtime. */
    String getVersion();

    /** Whether messages can be exchanged with the bus. */
    boolean isBusUp();

    /** {@code server}, {@code client} or {@code none}. */
    String getBusMode();

    /** Where the bus is; empty if there is none. */
    String getBusAddress();

    /** What the bus counts, by its names. */
    Map<String, Long> getBusCounters();

    /** Whether events are dispatched. */
    boolean isDispatching();

    /** Events received since the start. */
    long getReceived();

    /** Events dispatched since the start. */
    long getDispatched();

    /** Events given up since the start, because the queue was full. */
    long getGivenUp();

    /** Messages accepted from this runtime's bundles since the start. */
    long getEmitted();

    /** Messages of this runtime's bundles refused since the start. */
    long getRefused();

    /** Events received and not yet dispatched. */
    long getQueued();

    /** The length of those in memory. */
    long getQueuedBytes();

    /** How long the oldest of them has waited. */
    long getOldestQueuedMillis();

    /** Those of them on disk and not in memory. */
    long getSpilled();

    /** The size of the files that they are in. */
    long getSpilledBytes();

    /** How long the event that is dispatched now has been so. */
    long getUnderWayMillis();

    /** The handlers there are, malformed ones and parked ones included. */
    int getHandlerCount();

    /** Those in quarantine. */
    int getQuarantinedCount();

    /** Apps that are away, or have a handler in quarantine. */
    int getParkedAppCount();

    /** Events that are kept for them. */
    long getParkedEvents();

    /** What the health checks find, by check: the state and a sentence. */
    Map<String, String> getHealth();

    /** The worst of their states: {@code OK}, {@code WARN} or {@code CRITICAL}. */
    String getWorstHealth();

    /** The handlers by {@code service.id}: the first 500. */
    Map<Long, HandlerNumbers> getHandlers();
}
