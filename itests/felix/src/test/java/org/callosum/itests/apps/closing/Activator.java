// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.closing;

import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import org.callosum.api.CallosumEventHandler;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.event.EventHandler;

/**
 * Registers two handlers by hand and, as many do, leaves it to the framework to take them back: its stop closes what they need.
 * Fails to start while the test says that it is broken.
 */
public final class Activator implements BundleActivator {
    private final AtomicBoolean closed = new AtomicBoolean();

    @Override
    public void start(BundleContext context) throws Exception {
        AtomicBoolean broken = service(context, AtomicBoolean.class, "broken");
        if (broken.get()) {
            throw new IllegalStateException("the flux is not charged");
        }
        register(context, "first");
        register(context, "second");
    }

    private void register(BundleContext context, String name) throws Exception {
        Consumer<Object> calls = calls(context);
        CallosumEventHandler handler = event -> calls.accept(
                name + " " + event.msg().longNumber("n").orElseThrow() + (closed.get() ? " after the stop" : ""));
        context.registerService(
                EventHandler.class,
                handler,
                FrameworkUtil.asDictionary(Map.of("tract", "observe", "event", new String[] {"observed", name})));
    }

    @Override
    public void stop(BundleContext context) throws Exception {
        closed.set(true);
        Consumer<Object> stopped = calls(context);
        stopped.accept("stopped");
        // Whoever is in the way of an event gets it now.
        dispatch(context);
    }

    @SuppressWarnings("unchecked") // the probe's
    private static void dispatch(BundleContext context) throws Exception {
        service(context, java.util.function.ToIntFunction.class, "dispatch")
                .applyAsInt("{\"tract\":\"observe\",\"event\":\"observed\",\"n\":99}");
    }

    @SuppressWarnings("unchecked") // the test's takes everything
    private static Consumer<Object> calls(BundleContext context) throws Exception {
        return service(context, Consumer.class, "calls");
    }

    private static <T> T service(BundleContext context, Class<T> type, String name) throws Exception {
        return context.getService(context.getServiceReferences(type, "(probe=" + name + ")")
                .iterator()
                .next());
    }
}
