// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.update.bundles;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;

/** Starts bundles, each on a thread of its own, and does not wait for an activator for ever. */
final class TimedStart {
    private static final int INTERRUPTS = 10;
    private static final long INTERRUPT_MILLIS = 100;

    private final Duration limit;

    /** Waits that long for an activator before it is interrupted and no longer waited for. */
    TimedStart(Duration limit) {
        this.limit = limit;
    }

    /**
     * Starts a bundle and remembers that it is to be started.
     *
     * @throws BundleException if it cannot be resolved, its activator throws, or does not return in time
     */
    void start(Bundle bundle) throws BundleException {
        var start = new FutureTask<Void>(() -> {
            bundle.start(Bundle.START_ACTIVATION_POLICY);
            return null;
        });
        var thread = new Thread(start, "callosum start " + bundle.getSymbolicName());
        thread.setDaemon(true);
        thread.start();
        try {
            start.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof BundleException cause) {
                throw cause;
            }
            throw new BundleException("cannot be started: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            interrupt(thread);
            throw new BundleException(
                    "its activator did not return within " + limit.toSeconds() + " s and was interrupted",
                    BundleException.ACTIVATOR_ERROR);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BundleException("interrupted", e);
        }
    }

    /** Again until it ends, for a while: one that meets the framework's own waits on the way to the activator is lost there. */
    private static void interrupt(Thread starting) {
        try {
            for (int i = 0; i < INTERRUPTS && starting.isAlive(); i++) {
                starting.interrupt();
                starting.join(INTERRUPT_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
