// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.util.Map;

import org.callosum.api.Callosum;
import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.OnEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.EventHandler;

/** Answers each {@code bench}/{@code echo} with a {@code bench}/{@code reply} that has its {@code t}, a whole number. */
@Component(service = EventHandler.class)
@OnEvent(tract = "bench", event = "echo")
public final class Echo implements CallosumEventHandler {
    private final Callosum callosum;

    /** Answers on this. */
    @Activate
    public Echo(@Reference Callosum callosum) {
        this.callosum = callosum;
    }

    @Override
    public void handle(EventContext context) {
        long t = context.msg()
                .longNumber("t")
                .orElseThrow(() -> new IllegalArgumentException("bench/echo has no 't': give a whole number"));
        callosum.emit("bench", "reply", Map.of("t", t));
    }
}
