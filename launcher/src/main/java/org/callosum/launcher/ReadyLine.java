// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceReference;

/**
 * Says once, when all is up, that it is: {@code ready socket=<path> apps=<n> handlers=<n> ms=<n>}. That all is up the core
 * says, with a condition service whose properties are the numbers.
 *
 * <p><b>Threads.</b> Any thread that registers services.
 */
final class ReadyLine {
    private static final String CONDITION =
            "(&(objectClass=org.osgi.service.condition.Condition)(osgi.condition.id=callosum.ready))";

    private final PrintStream out;
    private final Supplier<Duration> age;
    private final AtomicBoolean isSaid = new AtomicBoolean();
    private final CountDownLatch said = new CountDownLatch(1);

    /** Writes to {@code out}; {@code age} tells for how long the process has run. */
    ReadyLine(PrintStream out, Supplier<Duration> age) {
        this.out = out;
        this.age = age;
    }

    /** Begins to wait for the condition. */
    void watch(BundleContext context) {
        try {
            context.addServiceListener(
                    event -> {
                        if (event.getType() != ServiceEvent.UNREGISTERING) {
                            say(event.getServiceReference());
                        }
                    },
                    CONDITION);
            ServiceReference<?>[] present = context.getAllServiceReferences(null, CONDITION);
            if (present != null) {
                say(present[0]);
            }
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits until it is said, and not longer than so. */
    void await(Duration atMost) throws InterruptedException {
        said.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void say(ServiceReference<?> condition) {
        if (isSaid.compareAndSet(false, true)) {
            out.println("ready socket=" + condition.getProperty("socket")
                    + " apps=" + condition.getProperty("apps")
                    + " handlers=" + condition.getProperty("handlers")
                    + " ms=" + age.get().toMillis());
            out.flush();
            said.countDown();
        }
    }
}
