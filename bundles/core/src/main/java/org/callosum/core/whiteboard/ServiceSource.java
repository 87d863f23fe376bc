// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.whiteboard;

import org.callosum.core.dispatch.Handler;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.event.EventHandler;

/** Gets a handler's service from the framework. That runs foreign code: a DS component is activated, a service factory asked. */
final class ServiceSource implements Handler.Source {
    private final BundleContext context;
    private final ServiceReference<EventHandler> reference;
    private final ActivationFailures failures;

    ServiceSource(BundleContext context, ServiceReference<EventHandler> reference, ActivationFailures failures) {
        this.context = context;
        this.reference = reference;
        this.failures = failures;
    }

    @Override
    public EventHandler get() {
        EventHandler service = context.getService(reference);
        if (service == null) {
            throw new IllegalStateException("Its service could not be had: " + failures.causeOf(reference)
                    + ". It is tried again with its next event");
        }
        return service;
    }

    @Override
    public void release() {
        try {
            context.ungetService(reference);
        } catch (IllegalStateException coreStopped) {
            // The framework gave back all that this bundle used.
        }
    }
}
