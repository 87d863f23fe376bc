// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.posting;

import java.util.Map;
import java.util.function.BiConsumer;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventAdmin;

/** Posts an event, of a topic and properties, to EventAdmin. */
@Component(service = BiConsumer.class, property = "probe=post")
public final class Posting implements BiConsumer<String, Map<String, Object>> {
    private final EventAdmin eventAdmin;

    @Activate
    public Posting(@Reference EventAdmin eventAdmin) {
        this.eventAdmin = eventAdmin;
    }

    @Override
    public void accept(String topic, Map<String, Object> properties) {
        eventAdmin.postEvent(new Event(topic, properties));
    }
}
