// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.component;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.callosum.core.Dispatcher;
import org.callosum.core.HandlerStatus;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.condition.Condition;

/**
 * Says that all is up, as OSGi says it: a {@link Condition} service with the id {@value #ID}. Its properties {@code socket},
 * {@code apps} and {@code handlers} tell what was there at that moment.
 *
 * <p><b>Threads.</b> Any; each method is atomic.
 */
final class ReadyCondition {
    static final String ID = "callosum.ready";

    private final BundleContext context;
    private final Dispatcher dispatcher;
    private ServiceRegistration<Condition> registration;
    private boolean withdrawn;

    ReadyCondition(BundleContext context, Dispatcher dispatcher) {
        this.context = context;
        this.dispatcher = dispatcher;
    }

    synchronized void announce(String address) {
        if (withdrawn) {
            return;
        }
        List<HandlerStatus> handlers = dispatcher.handlers().stream()
                .filter(handler -> handler.state() != HandlerStatus.State.BAD)
                .toList();
        Map<String, Object> properties = new HashMap<>();
        properties.put(Condition.CONDITION_ID, ID);
        properties.put("socket", address);
        properties.put("apps", (int)
                handlers.stream().map(HandlerStatus::app).distinct().count());
        properties.put("handlers", handlers.size());
        registration =
                context.registerService(Condition.class, Condition.INSTANCE, FrameworkUtil.asDictionary(properties));
    }

    synchronized void withdraw() {
        withdrawn = true;
        if (registration != null) {
            registration.unregister();
            registration = null;
        }
    }
}
