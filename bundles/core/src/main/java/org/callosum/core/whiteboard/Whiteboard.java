// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.whiteboard;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.callosum.core.AppMark;
import org.callosum.core.dispatch.Handler;
import org.callosum.core.dispatch.HandlerIdentity;
import org.callosum.core.dispatch.MessageFilter;
import org.callosum.core.dispatch.Owner;
import org.callosum.core.dispatch.Registration;
import org.callosum.core.dispatch.RouteTable;
import org.callosum.core.dispatch.SerialDispatcher;
import org.callosum.core.dispatch.SerialDispatcher.Departure;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.service.cm.ConfigurationAdmin;
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
    private static final String COMPONENT_NAME = "component.name";

    private final Logger logger;
    private final BundleContext context;
    private final ServiceTracker<EventHandler, Handler> tracker;
    private final SynchronousBundleListener bundles = this::bundleChanged;
    private final Map<Long, Handler> handlers = new ConcurrentHashMap<>();

    /** {@code null} while handlers changed since it was built. Built under {@code this}, so that a stale one is never kept. */
    private volatile RouteTable routes = RouteTable.EMPTY;

    /** Whom handlers come to; set before the first one is known. */
    private volatile SerialDispatcher dispatcher;

    /** Whether all leave because the tracking ends. */
    private volatile boolean closing;

    /** A whiteboard, not opened. */
    public Whiteboard(BundleContext context, ActivationFailures failures, Logger logger) {
        this.context = context;
        this.logger = logger;
        this.tracker = new ServiceTracker<>(context, EventHandler.class, new Tracking(failures));
    }

    /**
     * Begins to track. The handlers that are there already are known when it returns.
     *
     * @param handlersOf is told of each handler that comes and that leaves
     */
    public void open(SerialDispatcher handlersOf) {
        dispatcher = handlersOf;
        context.addBundleListener(bundles);
        tracker.open();
    }

    /** Ends to track: every handler leaves. */
    public void close() {
        closing = true;
        context.removeBundleListener(bundles);
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

    private void bundleChanged(BundleEvent event) {
        if (event.getType() == BundleEvent.STOPPING) {
            stopping(event.getBundle());
        } else if (event.getType() == BundleEvent.UNINSTALLED) {
            dispatcher.forget(event.getBundle().getBundleId());
        }
    }

    /**
     * All of a bundle's handlers leave, before its activator's {@code stop} and before the first of its services goes: nothing
     * of it is called while it comes down.
     */
    private void stopping(Bundle bundle) {
        List<Handler> leaving = handlers.values().stream()
                .filter(handler -> handler.owner().bundleId() == bundle.getBundleId())
                .toList();
        if (!leaving.isEmpty()) {
            leave(leaving, isEnding() ? Departure.FOR_GOOD : ofStopping(bundle));
        }
    }

    /** Waits until nothing of these handlers runs; they may have left before. */
    private void leave(List<Handler> leaving, Departure departure) {
        for (Handler handler : leaving) {
            if (handlers.containsKey(handler.serviceId())
                    && handler.registration().problem().isEmpty()) {
                dispatcher.leaving(handler, departure); // before it is out of the routes
            }
        }
        for (Handler handler : leaving) {
            if (handlers.remove(handler.serviceId()) != null) {
                logger.debug("{} leaves{}", handler.label(), handler.keyValues());
            }
        }
        changed();
        dispatcher.close(leaving);
    }

    /** An operator's stop takes the autostart setting away first; an update, a refresh and a restart leave it. */
    private static Departure ofStopping(Bundle stopping) {
        return stopping.adapt(BundleStartLevel.class).isPersistentlyStarted()
                ? Departure.WITH_BUNDLE
                : Departure.FOR_GOOD;
    }

    /** Whether handlers leave because the core or the framework stops. */
    private boolean isEnding() {
        return closing || context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).getState() == Bundle.STOPPING;
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
        private final ActivationFailures failures;

        Tracking(ActivationFailures failures) {
            this.failures = failures;
        }

        @Override
        public Handler addingService(ServiceReference<EventHandler> reference) {
            Bundle bundle = reference.getBundle();
            if (bundle == null || isForEventAdmin(reference)) {
                return null;
            }
            Registration registration = registration(reference, bundle);
            Handler handler = new Handler(
                    serviceId(reference),
                    owner(bundle),
                    identity(reference, registration),
                    componentName(reference),
                    registration,
                    new ServiceSource(context, reference, failures));
            warnOf(handler, registration, "");
            handlers.put(handler.serviceId(), handler);
            changed();
            if (handler.registration().problem().isEmpty()) {
                logger.debug(
                        "{} listens to {}{}",
                        handler.label(),
                        handler.registration().subscriptions(),
                        handler.keyValues());
            }
            dispatcher.arrived(handler); // a malformed one, too: nobody waits for it any more
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
            warnOf(handler, registration, previous);
            handler.reregister(registration);
            changed();
            if (!previous.isEmpty() && registration.problem().isEmpty()) {
                dispatcher.arrived(handler);
            }
        }

        @Override
        public void removedService(ServiceReference<EventHandler> reference, Handler handler) {
            Bundle bundle = reference.getBundle();
            if (bundle != null && bundle.getState() == Bundle.STOPPING) {
                stopping(bundle); // a component runtime that heard of it first has begun to unregister
            }
            leave(List.of(handler), departure(reference, bundle));
        }

        private Departure departure(ServiceReference<EventHandler> reference, Bundle bundle) {
            if (bundle == null || isEnding()) {
                return Departure.FOR_GOOD;
            }
            if (bundle.getState() == Bundle.STOPPING) {
                return ofStopping(bundle);
            }
            return componentName(reference).isEmpty() ? Departure.FOR_GOOD : Departure.ALONE;
        }

        private Registration registration(ServiceReference<EventHandler> reference, Bundle bundle) {
            String service = "service " + serviceId(reference) + " (" + bundle.getSymbolicName() + " "
                    + bundle.getVersion() + ")";
            return Registrations.read(service, reference::getProperty);
        }

        /** Once for each problem, however often other properties of the service change. */
        private void warnOf(Handler handler, Registration registration, String previousProblem) {
            String problem = registration.problem();
            if (!problem.isEmpty() && !problem.equals(previousProblem)) {
                logger.warn(
                        "{}; the handler is ignored{}",
                        problem,
                        handler.keyValues().and(handler.owner().bundleKeyValues()));
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

    /** Whose the services of a bundle are. */
    static Owner owner(Bundle bundle) {
        return new Owner(
                AppMark.name(bundle),
                bundle.getBundleId(),
                String.valueOf(bundle.getSymbolicName()),
                bundle.getVersion().toString());
    }

    /** A component is known by its name, and its factory configuration if it has one; any other handler by what it listens to, its filter included. */
    private static HandlerIdentity identity(ServiceReference<?> reference, Registration registration) {
        if (!(reference.getProperty(COMPONENT_NAME) instanceof String name)) {
            return HandlerIdentity.service(registration.subscriptions()
                    + registration.filter().map(MessageFilter::text).orElse(""));
        }
        return reference.getProperty(ConfigurationAdmin.SERVICE_FACTORYPID) != null
                        && reference.getProperty(Constants.SERVICE_PID) instanceof String pid
                ? HandlerIdentity.component(name, pid)
                : HandlerIdentity.component(name);
    }

    /** The last part of a DS component's name; empty for any other service. */
    private static String componentName(ServiceReference<?> reference) {
        return reference.getProperty(COMPONENT_NAME) instanceof String name
                ? name.substring(name.lastIndexOf('.') + 1)
                : "";
    }
}
