// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

import org.callosum.api.Callosum;
import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.OnEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.EventHandler;

/**
 * Counts {@code bench}/{@code ping}. After one with {@code "last": true} it says with {@code bench}/{@code pong} how many it
 * has {@code seen}, that one included, and starts over.
 */
@Component(service = EventHandler.class)
@OnEvent(tract = "bench", event = "ping")
public final class PingCounter implements CallosumEventHandler {
    private final Callosum callosum;
    private final AtomicLong seen = new AtomicLong();

    /** Answers on this. */
    @Activate
    public PingCounter(@Reference Callosum callosum) {
        this.callosum = callosum;
    }

    @Override
    public void handle(EventContext context) {
        seen.incrementAndGet();
        if (context.msg().bool("last").orElse(false)) {
            callosum.emit("bench", "pong", Map.of("seen", seen.getAndSet(0)));
        }
    }
}
