// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.looping;

import java.util.Map;
import java.util.function.Consumer;

import org.callosum.api.Callosum;
import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.OnEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.EventHandler;

/** Emits what it listens to, each time twice as much of it. Records each call. */
@Component(service = EventHandler.class)
@OnEvent(tract = "loop", event = "again")
public final class Looping implements CallosumEventHandler {
    private final Callosum callosum;
    private final Consumer<String> calls;

    @Activate
    public Looping(@Reference Callosum callosum, @Reference(target = "(probe=calls)") Consumer<String> calls) {
        this.callosum = callosum;
        this.calls = calls;
    }

    @Override
    public void handle(EventContext context) {
        calls.accept("looping");
        callosum.emit("loop", "again", Map.of());
        callosum.emit("loop", "again", Map.of());
    }
}
