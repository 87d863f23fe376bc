// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.annotated;

import java.util.function.Consumer;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.OnEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.EventHandler;

/** A handler as the README shows it. Records each call, with the app that it is told it belongs to. */
@Component(service = EventHandler.class)
@OnEvent(
        tract = "observe",
        event = {"observed", "transferred"})
public final class Annotated implements CallosumEventHandler {
    private final Consumer<String> calls;

    @Activate
    public Annotated(@Reference(target = "(probe=calls)") Consumer<String> calls) {
        this.calls = calls;
    }

    @Override
    public void handle(EventContext context) {
        calls.accept(context.app() + " " + context.tract() + "/" + context.event());
    }
}
