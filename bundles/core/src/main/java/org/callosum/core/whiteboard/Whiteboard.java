// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.whiteboard;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

import org.callosum.core.dispatch.Handler;
import org.callosum.core.dispatch.Owner;
import org.callosum.core.dispatch.Registration;
import org.callosum.core.dispatch.RouteTable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.service.event.EventConstants;
import org.osgi.service.event.EventHandler;
import org.osgi.service.log.Logger;
import org.osgi.util.tracker.ServiceTracker;
import org.osgi.util.tracker.ServiceTrackerCustomizer;

/**
 * The handlers that are there now, and their routes.
 *
 * <p>Every {@code EventHandler} service with the properties {@code tract} and {@code event} is one. A service with neither
 * that has {@code event.topics} is EventAdmin's business and none of ours; any other is malformed: warned of once, shown,
 * not called.
 *
 * <p><b>Threads.</b> The framework calls the tracker's methods on the thread that registers, changes or unregisters a
 * service, several at once. The dispatching thread calls {@link #routes()} once for each event and takes a lock only if
 * handlers changed since; so a burst of registrations builds one table. No service is got, released or called while the
 * lock is held: the bundle that stops may be waiting for us on another thread.
 */
public final class Whiteboard {
    /** The header that names the app a bundle belongs to. */
    private static final String APP_HEADER = "Callosum-App";

    private final Logger logger;
    private final ServiceTracker<EventHandler, Handler> tracker;
    private final Map<Long, Handler> handlers = new ConcurrentHashMap<>();

    /** {@code null} while handlers changed since it was built. Built under {@code this}, so that a stale one is never kept. */
    private volatile RouteTable routes = RouteTable.EMPTY;

    private volatile Consumer<Handler> arrived = handler -> {};
    private volatile Consumer<Handler> left = handler -> {};

    /** A whiteboard, not opened. */
    public Whiteboard(BundleContext context, ActivationFailures failures, Logger logger) {
        this.logger = logger;
        this.tracker = new ServiceTracker<>(context, EventHandler.class, new Tracking(context, failures));
    }

    /**
     * Begins to track. The handlers that are there already are known when it returns.
     *
     * @param arrived is told of each new handler
     * @param left is told of each handler that leaves, on the thread of its bundle, before its service is gone: when it
     *     returns, the handler must not be in use any more
     */
    public void open(Consumer<Handler> arrived, Consumer<Handler> left) {
        this.arrived = arrived;
        this.left = left;
        tracker.open();
    }

    /** Ends to track: every handler leaves. */
    public void close() {
        tracker.close();
    }

    /** The routes as the handlers stand now. */
    public RouteTable routes() {
        RouteTable known = routes;
        return known != null ? known : rebuild();
    }

    /** All handlers there are now, malformed ones included. A live view. */
    public Collection<Handler> handlers() {
        return handlers.values();
    }

    private synchronized RouteTable rebuild() {
        if (routes == null) {
            routes = new RouteTable(handlers.values());
        }
        return routes;
    }

    private synchronized void changed() {
        routes = null;
    }

    private final class Tracking implements ServiceTrackerCustomizer<EventHandler, Handler> {
        private final BundleContext context;
        private final ActivationFailures failures;

        Tracking(BundleContext context, ActivationFailures failures) {
            this.context = context;
            this.failures = failures;
        }

        @Override
        public Handler addingService(ServiceReference<EventHandler> reference) {
            Bundle bundle = reference.getBundle();
            if (bundle == null || isForEventAdmin(reference)) {
                return null;
            }
            Handler handler = new Handler(
                    serviceId(reference),
                    owner(bundle),
                    componentName(reference),
                    registration(reference, bundle),
                    new ServiceSource(context, reference, failures));
            warnOf(handler.registration(), "");
            handlers.put(handler.serviceId(), handler);
            changed();
            if (handler.registration().problem().isEmpty()) {
                logger.debug(
                        "{} listens to {}",
                        handler.label(),
                        handler.registration().subscriptions());
                arrived.accept(handler);
            }
            return handler;
        }

        @Override
        public void modifiedService(ServiceReference<EventHandler> reference, Handler handler) {
            Bundle bundle = reference.getBundle();
            if (bundle == null) {
                return;
            }
            String previous = handler.registration().problem();
            Registration registration = registration(reference, bundle);
            warnOf(registration, previous);
            handler.reregister(registration);
            changed();
            if (!previous.isEmpty() && registration.problem().isEmpty()) {
                arrived.accept(handler);
            }
        }

        @Override
        public void removedService(ServiceReference<EventHandler> reference, Handler handler) {
            handlers.remove(handler.serviceId());
            changed();
            left.accept(handler);
            logger.debug("{} left", handler.label());
        }

        private Registration registration(ServiceReference<EventHandler> reference, Bundle bundle) {
            String service = "service " + serviceId(reference) + " (" + bundle.getSymbolicName() + " "
                    + bundle.getVersion() + ")";
            return Registrations.read(service, reference::getProperty);
        }

        /** Once for each problem, however often other properties of the service change. */
        private void warnOf(Registration registration, String previousProblem) {
            String problem = registration.problem();
            if (!problem.isEmpty() && !problem.equals(previousProblem)) {
                logger.warn("{}; the handler is ignored", problem);
            }
        }
    }

    private static boolean isForEventAdmin(ServiceReference<?> reference) {
        return reference.getProperty(Registrations.TRACT) == null
                && reference.getProperty(Registrations.EVENT) == null
                && reference.getProperty(EventConstants.EVENT_TOPIC) != null;
    }

    private static long serviceId(ServiceReference<?> reference) {
        return (Long) reference.getProperty(Constants.SERVICE_ID);
    }

    private static Owner owner(Bundle bundle) {
        String app = bundle.getHeaders("").get(APP_HEADER);
        String symbolicName = String.valueOf(bundle.getSymbolicName());
        return new Owner(
                app == null || app.isBlank() ? symbolicName : app.strip(),
                bundle.getBundleId(),
                symbolicName,
                bundle.getVersion().toString());
    }

    /** The last part of a DS component's name; empty for any other service. */
    private static String componentName(ServiceReference<?> reference) {
        return reference.getProperty("component.name") instanceof String name
                ? name.substring(name.lastIndexOf('.') + 1)
                : "";
    }
}
