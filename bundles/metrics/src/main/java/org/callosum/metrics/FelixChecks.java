// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.metrics;

import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;

import org.callosum.core.Health;
import org.callosum.core.HealthStatus;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceRegistration;

/**
 * Registers the core's checks for Felix Health Checks. By its name alone, and made when it is asked for: so nothing is wanted
 * where nobody knows that service.
 */
final class FelixChecks implements AutoCloseable {
    private static final String SERVICE = "org.apache.felix.hc.api.HealthCheck";

    private final List<ServiceRegistration<?>> registrations = new ArrayList<>();

    FelixChecks(BundleContext context, Health health) {
        for (HealthStatus check : health.check()) {
            Map<String, Object> properties =
                    Map.of("hc.name", "callosum " + check.check(), "hc.tags", new String[] {"callosum", check.check()});
            registrations.add(
                    context.registerService(SERVICE, new Factory(health, check.check()), new Hashtable<>(properties)));
        }
    }

    @Override
    public void close() {
        registrations.forEach(ServiceRegistration::unregister);
        registrations.clear();
    }

    private record Factory(Health health, String name) implements ServiceFactory<Object> {
        @Override
        public Object getService(Bundle bundle, ServiceRegistration<Object> registration) {
            return new FelixCheck(health, name);
        }

        @Override
        public void ungetService(Bundle bundle, ServiceRegistration<Object> registration, Object service) {
            // It holds nothing.
        }
    }
}
