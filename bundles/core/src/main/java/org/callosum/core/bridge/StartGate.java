// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.bridge;

import java.time.Duration;
import java.util.Arrays;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleListener;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkListener;

/**
 * Says when the apps are up: {@code dispatch.md}, row 'start-up'. That is when the framework has reached its start level and no
 * bundle is on its way up any more; one that failed to start is not waited for.
 *
 * <p><b>Threads.</b> One thread waits; the framework's threads tell of changes.
 */
public final class StartGate implements FrameworkListener, BundleListener {
    private final BundleContext context;

    /** Guarded by {@code this}. */
    private boolean cancelled;

    /** A gate for the framework that this bundle is in. */
    public StartGate(BundleContext context) {
        this.context = context;
    }

    /**
     * Waits until the apps are up, or for as long as it has patience.
     *
     * @return whether they are up
     */
    public boolean await(Duration patience) throws InterruptedException {
        context.addFrameworkListener(this);
        context.addBundleListener(this);
        try {
            long deadline = System.nanoTime() + patience.toNanos();
            while (!areUp()) {
                synchronized (this) {
                    long millis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
                    if (cancelled || millis <= 0) {
                        return false;
                    }
                    // A change between the look and this wait is not missed for long.
                    wait(Math.min(millis, 50));
                }
            }
            return true;
        } finally {
            context.removeBundleListener(this);
            context.removeFrameworkListener(this);
        }
    }

    /** Ends the wait. */
    public synchronized void cancel() {
        cancelled = true;
        notifyAll();
    }

    /** Whether the wait was ended by {@link #cancel()}. */
    public synchronized boolean isCancelled() {
        return cancelled;
    }

    @Override
    public synchronized void frameworkEvent(FrameworkEvent event) {
        notifyAll();
    }

    @Override
    public synchronized void bundleChanged(BundleEvent event) {
        notifyAll();
    }

    private boolean areUp() {
        return context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).getState() == Bundle.ACTIVE
                && Arrays.stream(context.getBundles()).noneMatch(StartGate::isStarting);
    }

    /** A lazily activated bundle rests in that state, with its services published. */
    private static boolean isStarting(Bundle bundle) {
        return bundle.getState() == Bundle.STARTING && !Constants.ACTIVATION_LAZY.equals(activationPolicy(bundle));
    }

    private static String activationPolicy(Bundle bundle) {
        String policy = bundle.getHeaders("").get(Constants.BUNDLE_ACTIVATIONPOLICY);
        return policy == null ? "" : policy.split(";")[0].strip();
    }
}
