// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.apps.support;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

import org.callosum.api.Callosum;
import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.OnEvent;
import org.callosum.api.Printable;
import org.callosum.journal.Journal;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.EventHandler;

/**
 * Suggests to look into a service when it has failed {@value ErrorCounts#THRESHOLD} times within an hour, unless the user
 * has turned that off. While it is off nothing is counted.
 */
// Immediate: an instance that goes when nobody holds it would take its counts with it.
@Component(service = EventHandler.class, immediate = true)
@OnEvent(tract = "*", event = "error")
public final class ErrorWatch implements CallosumEventHandler {
    /** Names come from the bus: what is longer is cut, for the memory's sake, and the user's who reads it. */
    private static final int MAX_SERVICE_NAME = 200;

    private final SupportSettings settings;
    private final ErrorCounts counts;
    private final Callosum callosum;

    /** Called by Declarative Services. */
    @Activate
    public ErrorWatch(BundleContext bundle, @Reference Callosum callosum) {
        this(Journal.of(bundle), callosum, System::nanoTime);
    }

    /** @param nanoTime a monotonic clock, in nanoseconds */
    ErrorWatch(Journal journal, Callosum callosum, LongSupplier nanoTime) {
        this.settings = new SupportSettings(journal);
        this.counts = new ErrorCounts(nanoTime);
        this.callosum = callosum;
    }

    @Override
    public void handle(EventContext context) {
        if (!settings.isProactive()) {
            return;
        }
        String service = service(context);
        int errors = counts.add(service);
        if (errors < ErrorCounts.THRESHOLD) {
            return;
        }
        Map<String, Object> suggestion = new LinkedHashMap<>();
        suggestion.put("service", service);
        suggestion.put("count", errors);
        suggestion.put(
                "message",
                "I noticed " + service + " has had " + errors + " errors in the last hour. Want me to diagnose this?");
        callosum.emit("support", "proactive_suggestion", suggestion);
    }

    private static String service(EventContext context) {
        String service = context.msg()
                .string("service")
                .filter(name -> !name.isEmpty())
                .orElse(context.tract().isEmpty() ? "unknown" : context.tract());
        return Printable.of(service, MAX_SERVICE_NAME);
    }
}
