// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.cases;

import java.util.Hashtable;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a handler of an {@link AppJar#wilful} app does while it handles its next event, once. It is the test's code, but the
 * handler's call: a framework cannot tell it from the handler's own.
 */
final class Deed implements Runnable, AutoCloseable {
    /** Foreign code. */
    interface Action {
        void perform() throws Exception;
    }

    private final Action action;
    private final AtomicBoolean isBegun = new AtomicBoolean();
    private final CountDownLatch over = new CountDownLatch(1);
    private final ServiceRegistration<Runnable> registration;
    private volatile Exception failure;

    /**
     * Has a handler do something.
     *
     * @param context the test's
     * @param label the handler's
     */
    Deed(BundleContext context, String label, Action action) {
        this.action = action;
        registration = context.registerService(Runnable.class, this, new Hashtable<>(Map.of("deed", label)));
    }

    @Override
    public void run() {
        if (!isBegun.compareAndSet(false, true)) {
            return;
        }
        try {
            action.perform();
        } catch (Exception e) {
            failure = e;
        } finally {
            over.countDown();
        }
    }

    /** Waits until it is done; how it failed, {@code null} if it did not. */
    Exception await() throws InterruptedException {
        assertThat(over.await(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS))
                .as("the deed is done within %s", Patience.LIMIT)
                .isTrue();
        return failure;
    }

    @Override
    public void close() {
        registration.unregister();
    }
}
