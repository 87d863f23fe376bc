// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.api;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

import org.osgi.service.event.Event;

/**
 * One event as one app's handlers get it. Immutable.
 *
 * <p>In a handler's unit test: {@code new EventContext(Message.of("observe", "observed", Map.of("day", "20260101")), "myapp")}.
 */
public final class EventContext {
    /** The property of an {@link Event} that holds its context. */
    private static final String PROPERTY = "callosum.context";

    private static final String TOPIC_PREFIX = "callosum/";

    private final Message msg;
    private final String app;
    private final Supplier<Instant> deadline;

    /**
     * Makes a context.
     *
     * @param msg the whole message
     * @param app the name of the app whose handlers get it
     * @throws NullPointerException if either is {@code null}
     */
    public EventContext(Message msg, String app) {
        this(msg, app, () -> Instant.MAX);
    }

    /**
     * Makes a context as the runtime does.
     *
     * @param msg the whole message
     * @param app the name of the app whose handlers get it
     * @param deadline gives the time limit of the invocation that asks
     * @throws NullPointerException if one is {@code null}
     */
    public EventContext(Message msg, String app, Supplier<Instant> deadline) {
        this.deadline = Objects.requireNonNull(deadline, "deadline");
        this.msg = Objects.requireNonNull(msg, "msg");
        this.app = Objects.requireNonNull(app, "app");
    }

    /** The whole message. */
    public Message msg() {
        return msg;
    }

    /** The handler's app: its bundle's {@code Callosum-App} header, else the bundle's symbolic name. */
    public String app() {
        return app;
    }

    /**
     * Whether the handler may have been given this event before: it was under way when the runtime ended without a stop, as
     * by {@code kill -9}. A handler whose work must not be done twice looks for it then. All other events come once.
     */
    public boolean isRedelivered() {
        return msg.isRedelivered();
    }

    /**
     * When the time limit of the handler that asks is over: from then on it is not waited for any more. Asked on the thread that the
     * handler was called on; on any other, and in a unit test, there is none, which is {@link Instant#MAX}. A handler that may take
     * long looks now and then, and gives up what it cannot end in time.
     */
    public Instant deadline() {
        return deadline.get();
    }

    /** The message's tract; empty if it has none. */
    public String tract() {
        return msg.tract();
    }

    /** The message's event; empty if it has none. */
    public String event() {
        return msg.event();
    }

    /**
     * The event that a plain {@code EventHandler} gets. Its topic is {@code callosum/<tract>/<event>}, in which a character
     * that a topic may not hold, and an empty name, is {@code _}. Its properties are the message's fields, with the values
     * that {@link Message#toMap()} describes; {@code event.topics} is the topic, as for every {@code Event}.
     */
    public Event toEvent() {
        Map<String, Object> properties = new HashMap<>(msg.toMap());
        properties.put(PROPERTY, this);
        return new Event(TOPIC_PREFIX + topicName(tract()) + '/' + topicName(event()), properties);
    }

    /**
     * The typed view of an event that the runtime handed to a plain {@code EventHandler}.
     *
     * @throws IllegalArgumentException if the event is of another origin
     */
    public static EventContext from(Event event) {
        if (event.getProperty(PROPERTY) instanceof EventContext context) {
            return context;
        }
        throw new IllegalArgumentException("Event '" + event.getTopic() + "' does not come from Callosum:"
                + " only events under '" + TOPIC_PREFIX + "' that the runtime made have a context");
    }

    /** OSGi Compendium 113.8.1: a topic's part is made of letters, digits, {@code _} and {@code -}, at least one. */
    private static String topicName(String name) {
        if (name.isEmpty()) {
            return "_";
        }
        StringBuilder topic = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean allowed =
                    c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-';
            topic.append(allowed ? c : '_');
        }
        return topic.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EventContext that && msg.equals(that.msg) && app.equals(that.app);
    }

    @Override
    public int hashCode() {
        return Objects.hash(msg, app);
    }

    @Override
    public String toString() {
        return app + " on " + msg;
    }
}
