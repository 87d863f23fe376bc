// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.karaf.app;

import java.util.Hashtable;
import java.util.Map;

import org.callosum.api.Callosum;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.service.event.EventHandler;

/** An app, all of it in its activator: it repeats the number of each event, with its own version. */
public final class Counter implements BundleActivator {
    @Override
    public void start(BundleContext context) {
        Callosum callosum = context.getService(context.getServiceReference(Callosum.class));
        String version = context.getBundle().getVersion().toString();
        EventHandler handler =
                event -> callosum.emit("counter", "counted", Map.of("n", event.getProperty("n"), "version", version));
        var properties = new Hashtable<String, Object>();
        properties.put("tract", "counter");
        properties.put("event", "count");
        context.registerService(EventHandler.class, handler, properties);
    }

    @Override
    public void stop(BundleContext context) {
        // The framework takes the service away.
    }
}
