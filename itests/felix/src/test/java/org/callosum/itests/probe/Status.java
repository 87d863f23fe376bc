// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.probe;

import java.util.Map;
import java.util.function.Supplier;

import org.callosum.core.Bridge;
import org.callosum.core.Dispatcher;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Gives what an operator sees: {@code handlers}, {@code handlerCount}, {@code slow}, {@code parked} and {@code bridge}. */
@Component(service = Supplier.class, property = "probe=status")
public final class Status implements Supplier<Map<String, Object>> {
    private final Dispatcher dispatcher;
    private final Bridge bridge;

    @Activate
    public Status(@Reference Dispatcher dispatcher, @Reference Bridge bridge) {
        this.dispatcher = dispatcher;
        this.bridge = bridge;
    }

    @Override
    public Map<String, Object> get() {
        return Map.of(
                "handlers", Plain.of(dispatcher.handlers()),
                "handlerCount", dispatcher.handlerCount(),
                "slow", Plain.of(dispatcher.slow()),
                "parked", Plain.of(dispatcher.parked()),
                "bridge", Plain.of(bridge.status()));
    }
}
