// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.posted;

import java.util.function.Consumer;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventConstants;
import org.osgi.service.event.EventHandler;

/** Records the topic and the number of each event that it gets from EventAdmin. */
@Component(property = {EventConstants.EVENT_TOPIC + "=callosum/*", EventConstants.EVENT_TOPIC + "=test/*"})
public final class Posted implements EventHandler {
    private final Consumer<String> calls;

    @Activate
    public Posted(@Reference(target = "(probe=calls)") Consumer<String> calls) {
        this.calls = calls;
    }

    @Override
    public void handleEvent(Event event) {
        calls.accept(event.getTopic() + " " + event.getProperty("n"));
    }
}
