// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.declared;

import java.util.function.Consumer;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventHandler;

/** A component that says what it listens to with plain properties, and knows no class of ours. Records each call. */
@Component(
        service = EventHandler.class,
        property = {"tract=observe", "event=observed", "event=transferred"})
public final class Declared implements EventHandler {
    private final Consumer<String> calls;

    @Activate
    public Declared(@Reference(target = "(probe=calls)") Consumer<String> calls) {
        this.calls = calls;
    }

    @Override
    public void handleEvent(Event event) {
        calls.accept("declared " + event.getTopic() + " day=" + event.getProperty("day"));
    }
}
