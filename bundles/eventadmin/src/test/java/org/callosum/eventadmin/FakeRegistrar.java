// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.eventadmin;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.osgi.service.event.EventHandler;

/** Keeps what is registered. */
final class FakeRegistrar implements Registrar {
    /** A service that is there. */
    static final class Service implements Registration {
        final EventHandler handler;
        private final List<Service> services;
        Map<String, Object> properties;

        private Service(EventHandler handler, Map<String, Object> properties, List<Service> services) {
            this.handler = handler;
            this.properties = properties;
            this.services = services;
        }

        @Override
        public void set(Map<String, Object> changed) {
            properties = changed;
        }

        @Override
        public void close() {
            services.remove(this);
        }
    }

    final List<Service> services = new ArrayList<>();

    @Override
    public Registration register(EventHandler handler, Map<String, Object> properties) {
        Service service = new Service(handler, properties, services);
        services.add(service);
        return service;
    }

    /** The service with that property. */
    Service with(String property) {
        return services.stream()
                .filter(service -> service.properties.containsKey(property))
                .findFirst()
                .orElseThrow();
    }
}
