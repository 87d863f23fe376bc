// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.filtered;

import java.util.function.Consumer;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.EventFilter;
import org.callosum.api.OnEvent;
import org.callosum.api.Timeout;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.EventHandler;

/** A handler with a filter and a time limit of its own. Records the number of each event that it gets. */
@Component(service = EventHandler.class)
@OnEvent(tract = "observe", event = "observed")
@EventFilter("(&(n>=3)(tags=door)(!(state=*)))")
@Timeout("PT5S")
public final class Filtered implements CallosumEventHandler {
    private final Consumer<String> calls;

    @Activate
    public Filtered(@Reference(target = "(probe=calls)") Consumer<String> calls) {
        this.calls = calls;
    }

    @Override
    public void handle(EventContext context) {
        calls.accept("filtered " + context.msg().longNumber("n").orElseThrow());
    }
}
