// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.lang.reflect.Proxy;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

import org.callosum.api.Message;
import org.callosum.core.EventSource;
import org.callosum.core.Subscription;
import org.callosum.core.dispatch.Gaps;
import org.callosum.core.dispatch.Handler;
import org.callosum.core.dispatch.HandlerIdentity;
import org.callosum.core.dispatch.Owner;
import org.callosum.core.dispatch.ParkingLimits;
import org.callosum.core.dispatch.Registration;
import org.callosum.core.dispatch.RouteTable;
import org.callosum.core.dispatch.SerialDispatcher;
import org.callosum.core.dispatch.Settings;
import org.callosum.core.dispatch.Ticker;
import org.callosum.core.dispatch.Whereabouts;
import org.osgi.service.event.EventHandler;
import org.osgi.service.log.Logger;

/** This project's dispatcher as the core's component makes it, without a framework around it: it has none inside. */
abstract class CallosumWay implements Way {
    static final Message MESSAGE = Message.of(TRACT, EVENT, Map.of("day", "20260101"));

    final SerialDispatcher dispatcher;

    private CallosumWay(List<CountingHandler> handlers, int idle) {
        List<Handler> all = handlers(handlers, idle);
        RouteTable routes = new RouteTable(all);
        dispatcher = new SerialDispatcher(
                () -> routes,
                () -> all,
                (owner, identity) -> Whereabouts.Answer.STOPPED,
                new Gaps(InstantSource.system()),
                Settings.DEFAULT,
                ParkingLimits.DEFAULT,
                Ticker.SYSTEM,
                complainingLogger());
        dispatcher.start();
    }

    /** Events come from a source, as the bridge's do. */
    static Way following(List<CountingHandler> handlers, int idle) {
        return new Following(handlers, idle);
    }

    /** Events are dispatched by a thread from outside, which waits for the end of each. */
    static Way dispatching(List<CountingHandler> handlers, int idle) {
        return new CallosumWay(handlers, idle) {
            @Override
            public void hand(int events) {
                for (int i = 0; i < events; i++) {
                    dispatcher.dispatch(MESSAGE);
                }
            }
        };
    }

    /** Handlers as the whiteboard makes them, each of an app of its own; then idle ones, a hundred an app. */
    static List<Handler> handlers(List<CountingHandler> handlers, int idle) {
        List<Handler> all = new ArrayList<>();
        for (CountingHandler handler : handlers) {
            all.add(handler(all.size() + 1, "app" + all.size(), new Subscription(TRACT, EVENT), handler));
        }
        CountingHandler never = new CountingHandler(Work.NONE);
        for (int i = 0; i < idle; i++) {
            all.add(handler(all.size() + 1, "idle" + i / 100, new Subscription("idle" + i, EVENT), never));
        }
        return all;
    }

    static Handler handler(long id, String app, Subscription subscription, EventHandler service) {
        return new Handler(
                id,
                new Owner(app, app.hashCode(), "bench." + app, "1.0.0"),
                HandlerIdentity.component("Handler" + id),
                "Handler" + id,
                new Registration(List.of(subscription), 0, ""),
                new Handler.Source() {
                    @Override
                    public EventHandler get() {
                        return service;
                    }

                    @Override
                    public void release() {
                        // There is nobody to give it back to.
                    }
                });
    }

    @Override
    public void close() {
        dispatcher.stop();
    }

    /** What is logged here is a benchmark that does not measure what it says. */
    static Logger complainingLogger() {
        return logger(Set.of("warn", "error"));
    }

    /** For a benchmark of what is warned of. */
    static Logger errorLogger() {
        return logger(Set.of("error"));
    }

    private static Logger logger(Set<String> complaints) {
        return (Logger) Proxy.newProxyInstance(
                Logger.class.getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                    if (complaints.contains(method.getName())) {
                        System.err.println("The dispatcher says: " + List.of(arguments));
                    }
                    return method.getReturnType() == boolean.class ? Boolean.FALSE : null;
                });
    }

    private static final class Following extends CallosumWay implements EventSource {
        private final AtomicInteger left = new AtomicInteger();

        Following(List<CountingHandler> handlers, int idle) {
            super(handlers, idle);
            dispatcher.follow(this);
        }

        @Override
        public void hand(int events) {
            left.set(events);
            dispatcher.wake();
        }

        @Override
        public Message poll() {
            int now = left.get();
            if (now == 0) {
                return null;
            }
            left.lazySet(now - 1); // nobody else writes until these are handled
            return MESSAGE;
        }
    }
}
