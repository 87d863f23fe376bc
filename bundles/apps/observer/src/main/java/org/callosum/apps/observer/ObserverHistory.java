// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.apps.observer;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

import org.callosum.api.Callosum;
import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.KeyValues;
import org.callosum.api.Message;
import org.callosum.api.OnEvent;
import org.callosum.api.Printable;
import org.callosum.journal.Day;
import org.callosum.journal.Journal;
import org.callosum.journal.Segment;
import org.callosum.journal.SymbolicLinkException;
import org.callosum.journal.Warnings;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.EventHandler;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;

/**
 * Records that an observer's segment was processed or transferred: a line in its history, one more in its record's
 * {@code stats}, and after a transfer a request to index what has come.
 *
 * <p><b>Threads.</b> {@link #handle} may run for two events at once if one overran; {@link Observers} sees to it.
 */
@Component(service = EventHandler.class)
@OnEvent(
        tract = "observe",
        event = {"observed", ObserverHistory.TRANSFERRED})
public final class ObserverHistory implements CallosumEventHandler {
    static final String TRANSFERRED = "transferred";

    private final Observers observers;
    private final Callosum callosum;
    private final Logger logger;
    private final Warnings warnings;
    private final LongSupplier currentTimeMillis;

    /** Called by Declarative Services. */
    @Activate
    public ObserverHistory(
            BundleContext bundle,
            @Reference Callosum callosum,
            @Reference(service = LoggerFactory.class) Logger logger) {
        this(Journal.of(bundle), callosum, logger, System::currentTimeMillis);
    }

    /** @param currentTimeMillis the clock that history lines are stamped by */
    ObserverHistory(Journal journal, Callosum callosum, Logger logger, LongSupplier currentTimeMillis) {
        this.observers = new Observers(journal, logger);
        this.callosum = callosum;
        this.logger = logger;
        this.warnings = new Warnings(logger);
        this.currentTimeMillis = currentTimeMillis;
    }

    @Override
    public void handle(EventContext context) throws IOException {
        Message msg = context.msg();
        String name = msg.string("observer").orElse("");
        if (name.isEmpty()) {
            return; // not an observer's segment
        }
        String subject = msg + " of observer " + Printable.quoted(name);
        KeyValues values = msg.keyValues().and("observer", name);
        Object dayField = msg.toMap().get("day");
        Object segmentField = msg.toMap().get("segment");
        if (dayField == null || segmentField == null) {
            String missing = "no " + (dayField == null ? "day" : "segment");
            warnings.warn(subject + " has " + missing + ": it is not recorded", values.and("reason", missing));
            return;
        }
        Day day;
        Segment segment;
        try {
            day = Day.of(dayField);
            segment = Segment.of(segmentField);
        } catch (IllegalArgumentException e) {
            warnings.warn(subject + " is not recorded: " + e.getMessage(), values.and("reason", e.getMessage()));
            return;
        }
        try {
            record(name, context.event(), day, segment, values);
        } catch (SymbolicLinkException e) {
            warnings.warn(subject + " is not recorded: " + e.getMessage(), values.and("reason", e.getMessage()));
        }
    }

    private void record(String name, String type, Day day, Segment segment, KeyValues values) throws IOException {
        Optional<Observer> observer = observers.find(name);
        if (observer.isEmpty()) {
            logger.debug("There is no observer {}: observe/{} is not recorded{}", Printable.quoted(name), type, values);
            return;
        }
        observers.appendHistory(observer.get(), day, type, segment, currentTimeMillis.getAsLong());
        try {
            observers.raiseCount(observer.get(), "segments_" + type);
        } catch (IllegalArgumentException e) {
            countStays(name, type, e.getMessage(), values);
        } catch (IOException e) {
            countStays(name, type, e.toString(), values);
        }
        if (type.equals(TRANSFERRED)) {
            callosum.emit("supervisor", "request", Map.of("cmd", List.of("journal", "indexer", "--rescan")));
        }
    }

    /** A warning, not a failure: the segment is there all the same, and what follows must not hang on a number. */
    private void countStays(String name, String type, String why, KeyValues values) {
        warnings.warn(
                "The count of observe/" + type + " of observer " + Printable.quoted(name) + " stays as it is: " + why,
                values.and("reason", why));
    }
}
