// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.trouble;

import java.util.concurrent.Semaphore;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.OnEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.EventHandler;

/** Waits for the gate. */
@Component(service = EventHandler.class)
@OnEvent(tract = "trouble", event = "hang")
public final class Hangs implements CallosumEventHandler {
    private final Semaphore gate;

    @Activate
    public Hangs(@Reference(target = "(probe=gate)") Semaphore gate) {
        this.gate = gate;
    }

    @Override
    public void handle(EventContext context) {
        gate.acquireUninterruptibly();
    }
}
