// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.stuck;

import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventConstants;
import org.osgi.service.event.EventHandler;

/** A handler of EventAdmin that records that it was entered; for the event {@code now} it returns only through the gate. */
@Component(property = EventConstants.EVENT_TOPIC + "=callosum/stuck/*")
public final class Stuck implements EventHandler {
    private final Consumer<String> calls;
    private final Semaphore gate;

    @Activate
    public Stuck(
            @Reference(target = "(probe=calls)") Consumer<String> calls,
            @Reference(target = "(probe=gate)") Semaphore gate) {
        this.calls = calls;
        this.gate = gate;
    }

    @Override
    public void handleEvent(Event event) {
        calls.accept("stuck entered");
        if (event.getTopic().endsWith("/now")) {
            gate.acquireUninterruptibly();
            calls.accept("stuck ended");
        }
    }
}
