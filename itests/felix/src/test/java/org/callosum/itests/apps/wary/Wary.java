// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.wary;

import java.util.function.Consumer;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.OnEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.EventHandler;

/** Fails on whatever happens at the door, and on what is told of that. Records each call. */
@Component(service = EventHandler.class)
@OnEvent(
        tract = {"door", "runtime"},
        event = "*")
public final class Wary implements CallosumEventHandler {
    private final Consumer<String> calls;

    @Activate
    public Wary(@Reference(target = "(probe=calls)") Consumer<String> calls) {
        this.calls = calls;
    }

    @Override
    public void handle(EventContext context) {
        calls.accept("wary of " + context.tract() + "/" + context.event());
        throw new IllegalStateException("I do not open");
    }
}
