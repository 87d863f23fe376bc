// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.deploy;

import java.util.concurrent.Semaphore;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** Does not return from its stop until it is let go, by a permit of the semaphore that is among the system's properties. */
public final class Lingering implements BundleActivator {
    /** The key of the semaphore. */
    static final String PERMITS = "test.lingering.permits";

    @Override
    public void start(BundleContext context) {}

    @Override
    public void stop(BundleContext context) throws InterruptedException {
        ((Semaphore) System.getProperties().get(PERMITS)).acquire();
    }
}
