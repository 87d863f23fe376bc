// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.Message;
import org.callosum.core.Subscription;
import org.osgi.service.event.EventHandler;

/** The handlers of a test: what the whiteboard is in a framework. */
final class Handlers {
    private final AtomicLong lastId = new AtomicLong();
    private final Map<Long, Handler> all = new ConcurrentSkipListMap<>();
    private volatile RouteTable routes;
    final AtomicInteger gets = new AtomicInteger();
    final AtomicInteger releases = new AtomicInteger();

    /** Adds a typed handler of the app {@code app}, named by its number. */
    Handler add(String tract, String event, CallosumEventHandler handler) {
        return add("app", 0, tract, event, () -> handler);
    }

    Handler add(String app, int ranking, String tract, String event, Getter getter) {
        return add(app, "", ranking, tract, event, getter);
    }

    /** Adds a handler that is known as this one when it leaves and comes back; as no other if that is empty. */
    Handler add(String app, String identity, int ranking, String tract, String event, Getter getter) {
        return add(app, identity, new Registration(List.of(new Subscription(tract, event)), ranking, ""), getter);
    }

    /** Adds a handler that wants the messages of a tract and an event that pass a test. */
    Handler add(String app, String identity, String tract, String event, Predicate<Message> test, Getter getter) {
        Registration registration = new Registration(
                List.of(new Subscription(tract, event)),
                Optional.of(new MessageFilter("a test's", test)),
                Optional.empty(),
                0,
                "");
        return add(app, identity, registration, getter);
    }

    /** Adds one whose registration is malformed. */
    Handler addBad(String app, String problem) {
        return add(app, "", new Registration(List.of(), 0, problem), () -> {
            throw new AssertionError("it is never called");
        });
    }

    private Handler add(String app, String identity, Registration registration, Getter getter) {
        long id = lastId.incrementAndGet();
        Handler handler = new Handler(
                id,
                new Owner(app, app.hashCode(), "test." + app, "1.0.0"),
                HandlerIdentity.component(identity.isEmpty() ? "Handler" + id : identity),
                identity.isEmpty() ? "Handler" + id : identity,
                registration,
                new Handler.Source() {
                    @Override
                    public EventHandler get() throws Exception {
                        gets.incrementAndGet();
                        return getter.get();
                    }

                    @Override
                    public void release() {
                        releases.incrementAndGet();
                    }
                });
        all.put(id, handler);
        changed();
        return handler;
    }

    void remove(Handler handler) {
        all.remove(handler.serviceId());
        changed();
    }

    RouteTable routes() {
        RouteTable known = routes;
        return known != null ? known : rebuild();
    }

    private synchronized void changed() {
        routes = null;
    }

    private synchronized RouteTable rebuild() {
        if (routes == null) {
            routes = new RouteTable(all.values());
        }
        return routes;
    }

    java.util.Collection<Handler> all() {
        return all.values();
    }

    /** Gives a service, or fails to. */
    interface Getter {
        EventHandler get() throws Exception;
    }
}
