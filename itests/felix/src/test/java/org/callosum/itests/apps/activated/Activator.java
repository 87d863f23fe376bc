// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.activated;

import java.util.Map;
import java.util.function.Consumer;

import org.callosum.api.CallosumEventHandler;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.event.EventHandler;

/** Registers a handler without Declarative Services. The handler records each call, and whose class loader its thread has. */
public final class Activator implements BundleActivator {
    @Override
    public void start(BundleContext context) throws Exception {
        Consumer<Object> calls = calls(context);
        CallosumEventHandler handler =
                event -> calls.accept("activated " + event.msg().string("day").orElse("-")
                        + (Thread.currentThread().getContextClassLoader() == Activator.class.getClassLoader()
                                ? " in its own class loader"
                                : " in a class loader of somebody else"));
        context.registerService(
                EventHandler.class,
                handler,
                FrameworkUtil.asDictionary(Map.of("tract", "observe", "event", "observed")));
    }

    @Override
    public void stop(BundleContext context) {
        // The framework takes the service back.
    }

    @SuppressWarnings("unchecked") // the test's takes everything
    private static Consumer<Object> calls(BundleContext context) throws Exception {
        return context.getService(context.getServiceReferences(Consumer.class, "(probe=calls)")
                .iterator()
                .next());
    }
}
