// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.hanging;

import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.OnEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.EventHandler;

/** Its activation waits for the gate. */
@Component(service = EventHandler.class)
@OnEvent(tract = "observe", event = "observed")
public final class Hanging implements CallosumEventHandler {
    private final Consumer<String> calls;

    @Activate
    public Hanging(
            @Reference(target = "(probe=calls)") Consumer<String> calls,
            @Reference(target = "(probe=gate)") Semaphore gate) {
        this.calls = calls;
        calls.accept("hanging is activated");
        gate.acquireUninterruptibly();
    }

    @Override
    public void handle(EventContext context) {
        calls.accept("hanging recovered");
    }
}
