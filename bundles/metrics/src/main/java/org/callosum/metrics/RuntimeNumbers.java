// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import java.util.LinkedHashMap;
import java.util.Map;

import org.callosum.api.Printable;
import org.callosum.core.Bridge;
import org.callosum.core.Dispatcher;
import org.callosum.core.HandlerStatus;
import org.callosum.core.Health;
import org.callosum.core.HealthStatus;
import org.callosum.core.ParkedStatus;
import org.callosum.transport.TransportStatus;

/** Answers JMX from the core. Any thread. */
final class RuntimeNumbers implements RuntimeNumbersMXBean {
    private static final int MAX_TEXT = 500;

    private final Bridge bridge;
    private final Dispatcher dispatcher;
    private final Health health;
    private final String version;

    RuntimeNumbers(Bridge bridge, Dispatcher dispatcher, Health health, String version) {
        this.bridge = bridge;
        this.dispatcher = dispatcher;
        this.health = health;
        this.version = version;
    }

    @Override
    public String getVersion() {
        return version;
    }

    @Override
    public boolean isBusUp() {
        return bridge.status().transport().map(TransportStatus::up).orElse(false);
    }

    @Override
    public String getBusMode() {
        return bridge.status().transport().map(TransportStatus::mode).orElse("none");
    }

    @Override
    public String getBusAddress() {
        return bridge.status().transport().map(TransportStatus::address).orElse("");
    }

    @Override
    public Map<String, Long> getBusCounters() {
        return bridge.status().transport().map(TransportStatus::counters).orElse(Map.of());
    }

    @Override
    public boolean isDispatching() {
        return bridge.status().dispatching();
    }

    @Override
    public long getReceived() {
        return bridge.status().received();
    }

    @Override
    public long getDispatched() {
        return bridge.status().dispatched();
    }

    @Override
    public long getGivenUp() {
        return bridge.status().givenUp();
    }

    @Override
    public long getEmitted() {
        return bridge.status().emitted();
    }

    @Override
    public long getRefused() {
        return bridge.status().refused();
    }

    @Override
    public long getQueued() {
        return bridge.status().queued();
    }

    @Override
    public long getQueuedBytes() {
        return bridge.status().queuedBytes();
    }

    @Override
    public long getOldestQueuedMillis() {
        return bridge.status().oldestQueued().toMillis();
    }

    @Override
    public long getSpilled() {
        return bridge.status().spilled();
    }

    @Override
    public long getSpilledBytes() {
        return bridge.status().spilledBytes();
    }

    @Override
    public long getUnderWayMillis() {
        return dispatcher.underWay().toMillis();
    }

    @Override
    public int getHandlerCount() {
        return dispatcher.handlers().size();
    }

    @Override
    public int getQuarantinedCount() {
        return (int) dispatcher.handlers().stream()
                .filter(handler -> handler.state() == HandlerStatus.State.QUARANTINED)
                .count();
    }

    @Override
    public int getParkedAppCount() {
        return dispatcher.parked().size();
    }

    @Override
    public long getParkedEvents() {
        return dispatcher.parked().stream().mapToLong(ParkedStatus::events).sum();
    }

    @Override
    public Map<String, String> getHealth() {
        Map<String, String> found = new LinkedHashMap<>();
        health.check()
                .forEach(
                        check -> found.put(check.check(), check.state() + ": " + Printable.of(check.text(), MAX_TEXT)));
        return found;
    }

    @Override
    public String getWorstHealth() {
        return health.check().stream()
                .map(HealthStatus::state)
                .max(Enum::compareTo)
                .orElse(HealthStatus.State.OK)
                .name();
    }

    @Override
    public Map<Long, HandlerNumbers> getHandlers() {
        Map<Long, HandlerNumbers> rows = new LinkedHashMap<>();
        dispatcher.handlers().stream()
                .limit(Metrics.MAX_HANDLERS)
                .forEach(handler -> rows.put(handler.serviceId(), new HandlerRow(handler)));
        return rows;
    }
}
