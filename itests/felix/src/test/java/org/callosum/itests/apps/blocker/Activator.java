// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.apps.blocker;

import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** Holds up the start of its bundle, and so of the framework, until the gate opens. */
public final class Activator implements BundleActivator {
    @Override
    @SuppressWarnings("unchecked") // the test's takes everything
    public void start(BundleContext context) throws Exception {
        Consumer<Object> calls = context.getService(context.getServiceReferences(Consumer.class, "(probe=calls)")
                .iterator()
                .next());
        Semaphore gate = context.getService(context.getServiceReferences(Semaphore.class, "(probe=gate)")
                .iterator()
                .next());
        calls.accept("blocker starts");
        gate.acquire();
    }

    @Override
    public void stop(BundleContext context) {
        // Nothing is held.
    }
}
