// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.registrar;

import java.util.Hashtable;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.event.EventHandler;

/**
 * Registers, for a test, plain handlers with whatever properties. It is a service that takes the properties of a handler and
 * gives what changes them: other properties take their place, {@code null} takes the handler back. A handler records its
 * property {@code name} and the topic at each call; with a property {@code once}, it takes itself back first.
 */
public final class Activator implements BundleActivator {
    @Override
    public void start(BundleContext context) throws Exception {
        Consumer<Object> calls = calls(context);
        Function<Map<String, Object>, Consumer<Map<String, Object>>> registrar = properties -> {
            Object name = properties.get("name");
            CompletableFuture<ServiceRegistration<EventHandler>> own = new CompletableFuture<>();
            EventHandler handler = event -> {
                if (properties.containsKey("once")) {
                    own.join().unregister();
                }
                calls.accept(name + " " + event.getTopic());
            };
            ServiceRegistration<EventHandler> registration =
                    context.registerService(EventHandler.class, handler, FrameworkUtil.asDictionary(properties));
            own.complete(registration);
            return changed -> {
                if (changed == null) {
                    registration.unregister();
                } else {
                    registration.setProperties(new Hashtable<>(changed));
                }
            };
        };
        context.registerService(Function.class, registrar, FrameworkUtil.asDictionary(Map.of("probe", "registrar")));
    }

    @Override
    public void stop(BundleContext context) {
        // The framework takes the services back.
    }

    @SuppressWarnings("unchecked") // the test's takes everything
    private static Consumer<Object> calls(BundleContext context) throws Exception {
        return context.getService(context.getServiceReferences(Consumer.class, "(probe=calls)")
                .iterator()
                .next());
    }
}
