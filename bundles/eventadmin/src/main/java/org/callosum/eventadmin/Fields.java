// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.eventadmin;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import org.callosum.api.Message;
import org.osgi.service.event.Event;

/**
 * A message made of an event: the message's event is the last part of the topic; each property is a field of its name, in the
 * order of the names, {@code event.topics} with the whole topic among them.
 *
 * <p>Left out is what a field cannot be: a value that {@link Message#of(String, String, Map)} does not take, such as a bundle
 * or an exception, alone or within a list or a map; one that fails when it is read; and a property named {@code tract} or
 * {@code event}.
 *
 * @param message the message
 * @param leftOut how many properties have no field
 */
record Fields(Message message, int leftOut) {
    /** Reads an event. That runs its values' own code. */
    static Fields of(Event event, String tract) {
        Map<String, Object> fields = new LinkedHashMap<>();
        int leftOut = 0;
        for (String name : new TreeSet<>(Set.of(event.getPropertyNames()))) {
            if (name.equals(Message.TRACT) || name.equals(Message.EVENT)) {
                leftOut++;
                continue;
            }
            try {
                fields.putAll(Message.of(Collections.singletonMap(name, event.getProperty(name)))
                        .toMap());
            } catch (RuntimeException | LinkageError | StackOverflowError e) {
                leftOut++; // whatever the value's own code throws
            }
        }
        String topic = event.getTopic();
        return new Fields(Message.of(tract, topic.substring(topic.lastIndexOf('/') + 1), fields), leftOut);
    }
}
