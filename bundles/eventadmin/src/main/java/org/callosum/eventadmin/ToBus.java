// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.eventadmin;

import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

import org.callosum.api.Callosum;
import org.callosum.api.EmitRefusedException;
import org.callosum.api.Message;
import org.callosum.eventadmin.Relay.Outcome;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventConstants;
import org.osgi.service.event.EventHandler;
import org.osgi.service.log.Logger;

/**
 * Emits EventAdmin's events as messages of the bus.
 *
 * <p>EventAdmin calls {@link #handleEvent}, which only enqueues, so that no time limit can pass in it: the event's values, whose
 * code is an app's, are read by the relay's thread. When nothing can be emitted, because core or the bus is away or full, the
 * events wait, in order.
 *
 * <p><b>Threads.</b> Settings and life cycle are one caller's at a time. Any thread may hand over an event.
 */
final class ToBus implements EventHandler {
    private final Origins origins;
    private final Relay<Event> relay;
    private final Tally refused;
    private final Tally leftOut;
    private final Registrar.Registration registration;

    private volatile Settings settings;
    private volatile Callosum callosum;

    /** What the first event in the queue becomes, while it waits to be emitted. Of the relay's thread. */
    private Message pending;

    /** Starts. */
    ToBus(Registrar registrar, Origins origins, Settings settings, LongSupplier nanos, Logger logger) {
        this.origins = origins;
        this.settings = settings;
        Tally full = new Tally(
                "events of EventAdmin are given up: as many wait for the bus as may; look whether it is up, or raise"
                        + " queueEvents",
                nanos,
                logger);
        refused = new Tally(
                "events of EventAdmin are given up: the bus takes no such message; look at its maxFrameBytes",
                nanos,
                logger);
        leftOut = new Tally(
                "properties of EventAdmin's events are left out: JSON has no form for them, or they are named tract or"
                        + " event",
                nanos,
                logger);
        // What is behind a property cannot be measured without running its code: events are limited by number alone.
        relay = new Relay<>(
                "callosum-from-eventadmin", event -> 0, this::deliver, full, List.of(refused, leftOut), logger);
        relay.resize(settings.queueEvents(), 0);
        relay.start();
        registration = registrar.register(this, properties(settings));
    }

    /** Sets the settings, for the events that are not emitted yet. */
    void apply(Settings changed) {
        boolean topicsChanged = !changed.topics().equals(settings.topics());
        settings = changed;
        relay.resize(changed.queueEvents(), 0);
        if (topicsChanged) {
            registration.set(properties(changed));
        }
    }

    /** Sets where to emit; {@code null} for nowhere. */
    void use(Callosum now) {
        callosum = now;
        relay.wake();
    }

    /** Ends: no event comes any more, and what cannot be emitted now is given up. */
    void stop() {
        registration.close();
        relay.stop();
    }

    @Override
    public void handleEvent(Event event) {
        if (!event.containsProperty(ToEventAdmin.CROSSED)) {
            relay.offer(event);
        }
    }

    private Outcome deliver(Event event) {
        Callosum bus = callosum;
        if (bus == null) {
            return Outcome.LATER;
        }
        Settings now = settings;
        if (pending == null) {
            Fields fields = Fields.of(event, now.tract());
            leftOut.add(fields.leftOut());
            pending = fields.message();
        }
        boolean comesBack = now.listensTo(pending.tract());
        if (comesBack) {
            origins.add(pending); // before it is emitted: the bus may bring it before emit returns
        }
        boolean emitted = false;
        try {
            bus.emit(pending);
            emitted = true;
        } catch (EmitRefusedException e) {
            return Outcome.LATER;
        } catch (IllegalArgumentException e) {
            refused.add(1);
        } finally {
            if (comesBack && !emitted) {
                origins.removeLast();
            }
        }
        pending = null;
        return Outcome.DONE;
    }

    private static Map<String, Object> properties(Settings settings) {
        return Map.of(EventConstants.EVENT_TOPIC, settings.topics().toArray(String[]::new));
    }
}
