// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.gated;

import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.OnEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.EventHandler;

/** Records that it was entered, waits for the gate or an interrupt, and records which of the two came. */
@Component(service = EventHandler.class)
@OnEvent(tract = "gate", event = "*")
public final class Gated implements CallosumEventHandler {
    private final Consumer<String> calls;
    private final Semaphore gate;

    @Activate
    public Gated(
            @Reference(target = "(probe=calls)") Consumer<String> calls,
            @Reference(target = "(probe=gate)") Semaphore gate) {
        this.calls = calls;
        this.gate = gate;
    }

    @Override
    public void handle(EventContext context) {
        calls.accept(context.app() + " entered");
        try {
            gate.acquire();
            calls.accept(context.app() + " ended");
        } catch (InterruptedException e) {
            calls.accept(context.app() + " interrupted");
        }
    }
}
