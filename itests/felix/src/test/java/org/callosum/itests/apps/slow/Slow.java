// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.slow;

import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

import org.callosum.api.Callosum;
import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.OnEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.EventHandler;

/** Records the number of each question, waits for the gate, and answers it. */
@Component(service = EventHandler.class)
@OnEvent(tract = "slow", event = "asked")
public final class Slow implements CallosumEventHandler {
    private final Consumer<String> calls;
    private final Semaphore gate;
    private final Callosum callosum;

    @Activate
    public Slow(
            @Reference(target = "(probe=calls)") Consumer<String> calls,
            @Reference(target = "(probe=gate)") Semaphore gate,
            @Reference Callosum callosum) {
        this.calls = calls;
        this.gate = gate;
        this.callosum = callosum;
    }

    @Override
    public void handle(EventContext context) throws InterruptedException {
        long n = context.msg().longNumber("n").orElseThrow();
        calls.accept("slow " + n);
        gate.acquire();
        callosum.emit("slow", "answered", Map.of("n", n));
    }
}
