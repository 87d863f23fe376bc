// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.eventadmin;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.Message;
import org.callosum.eventadmin.Relay.Outcome;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventAdmin;
import org.osgi.service.event.EventConstants;
import org.osgi.service.event.EventHandler;
import org.osgi.service.log.Logger;

/**
 * Posts messages of the bus to EventAdmin, as the events that {@link EventContext#toEvent()} describes.
 *
 * <p>The bus's dispatch calls {@link #handle}, which only enqueues. How much waits within EventAdmin is {@link Flow}'s; for that
 * a second handler gets each event back from EventAdmin.
 *
 * <p><b>Threads.</b> Settings and life cycle are one caller's at a time. Any thread may hand over a message.
 */
final class ToEventAdmin implements CallosumEventHandler {
    /** The property of an event that comes from the bus: the number of its post. Such an event is not sent back. */
    static final String CROSSED = "callosum.crossed";

    private static final String TOPICS = "callosum/*";

    private final Origins origins;
    private final Flow flow;
    private final Relay<EventContext> relay;
    private final Tally failed;
    private final Tally heldUp;
    private final Logger logger;
    private final Registrar.Registration registration;
    private final Registrar.Registration confirmation;

    private volatile Settings settings;
    private volatile EventAdmin eventAdmin;

    /** Starts. */
    ToEventAdmin(Registrar registrar, Origins origins, Settings settings, LongSupplier nanos, Logger logger) {
        this.origins = origins;
        this.settings = settings;
        this.logger = logger;
        Tally full = new Tally(
                "messages of the bus are given up: as many wait for EventAdmin as may; look whether it is there, and"
                        + " which of its handlers hangs",
                nanos,
                logger);
        failed = new Tally("messages of the bus are given up: EventAdmin threw when they were posted", nanos, logger);
        heldUp = new Tally(
                "messages of the bus are held up in EventAdmin, behind a handler of its that hangs: they are handed on"
                        + " when it returns",
                nanos,
                logger);
        flow = new Flow(nanos);
        flow.setStall(settings.stall());
        relay = new Relay<>(
                "callosum-to-eventadmin", ToEventAdmin::bytes, this::deliver, full, List.of(failed, heldUp), logger);
        relay.resize(settings.queueEvents(), settings.queueBytes());
        relay.start();
        confirmation = registrar.register(confirm(), Map.of(EventConstants.EVENT_TOPIC, TOPICS));
        registration = registrar.register(this, properties(settings));
    }

    /** Sets the settings, for the messages that come from now on. */
    void apply(Settings changed) {
        boolean tractsChanged = !changed.tracts().equals(settings.tracts());
        settings = changed;
        flow.setStall(changed.stall());
        relay.resize(changed.queueEvents(), changed.queueBytes());
        if (tractsChanged) {
            registration.set(properties(changed));
        }
    }

    /** Sets where to post; {@code null} for nowhere. */
    void use(EventAdmin now) {
        eventAdmin = now;
        flow.reset();
        relay.wake();
    }

    /** Ends: no message comes any more, and what cannot be posted now is given up. */
    void stop() {
        registration.close();
        relay.stop();
        confirmation.close();
    }

    @Override
    public void handle(EventContext context) {
        relay.offer(context);
    }

    private EventHandler confirm() {
        return event -> {
            if (event.getProperty(CROSSED) instanceof Long number) {
                flow.confirm(number);
                relay.wake();
            }
        };
    }

    private Outcome deliver(EventContext context) {
        EventAdmin admin = eventAdmin;
        if (admin == null) {
            return Outcome.LATER;
        }
        switch (flow.advice()) {
            case WAIT -> {
                return Outcome.LATER;
            }
            case CHANGE_THREAD -> {
                changeThread();
                return Outcome.ON_A_NEW_THREAD;
            }
            case POST -> {
                if (!origins.remove(context.msg())) {
                    return post(context, admin);
                }
            }
        }
        return Outcome.DONE;
    }

    private Outcome post(EventContext context, EventAdmin admin) {
        Event plain = context.toEvent();
        Map<String, Object> properties = new HashMap<>();
        for (String name : plain.getPropertyNames()) {
            properties.put(name, plain.getProperty(name));
        }
        long number = flow.next();
        properties.put(CROSSED, number);
        try {
            admin.postEvent(new Event(plain.getTopic(), properties));
        } catch (IllegalStateException e) {
            flow.reset(); // it is stopped: another one may come
            return Outcome.LATER;
        } catch (RuntimeException e) {
            flow.confirm(number); // nobody else will
            failed.add(1);
            logger.debug("EventAdmin threw when {} was posted", context.msg(), e);
        }
        return Outcome.DONE;
    }

    private void changeThread() {
        heldUp.add(flow.changeThread());
        try {
            // Felix takes a handler whose properties change from its deny list: ours may be there if the machine slept.
            confirmation.set(Map.of(EventConstants.EVENT_TOPIC, TOPICS));
        } catch (IllegalStateException e) {
            logger.debug("Stopped meanwhile", e);
        }
    }

    private static long bytes(EventContext context) {
        return context.msg().toUtf8().remaining();
    }

    private static Map<String, Object> properties(Settings settings) {
        return Map.of(Message.TRACT, settings.tracts().toArray(String[]::new), Message.EVENT, Settings.ANY);
    }
}
