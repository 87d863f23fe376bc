// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.security.AccessController;
import java.security.PrivilegedAction;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;

import org.callosum.api.EventContext;
import org.callosum.core.OverrunStatus;

/**
 * A thread that runs handlers, and what {@link Workers} knows of it.
 *
 * <p><b>Threads.</b> What is not final is guarded by the lock of {@link Workers}.
 */
final class Worker {
    private final String idleName;
    final Thread thread;

    /** Says that {@link #invocation} was set or {@link #ending} is. */
    final Condition wake;

    /** What it runs, or is about to run; {@code null} while it is idle. */
    Invocation invocation;

    /** Ends as soon as it has nothing to run. */
    boolean ending;

    /** Whether its thread's name says what it runs. */
    private boolean named;

    /** The bundles whose handlers it ever ran: what they left in its thread locals goes with it, when it is retired. */
    private final Set<Long> bundles = new HashSet<>();

    Worker(int number, Condition wake, Runnable loop) {
        this.idleName = "callosum-worker-" + number;
        this.wake = wake;
        this.thread = newThread(loop, idleName);
    }

    /**
     * A thread that keeps nothing of the one that happens to create it, which may be an app's: no thread locals, no context
     * class loader, and (up to JDK 23) no access control context, which refers to the class loader of every caller.
     */
    @SuppressWarnings("removal")
    static Thread newThread(Runnable loop, String name) {
        return AccessController.doPrivileged((PrivilegedAction<Thread>) () -> {
            Thread thread = new Thread(null, loop, name, 0, false);
            thread.setContextClassLoader(null);
            // A handler that hangs must not keep the process from ending.
            thread.setDaemon(true);
            return thread;
        });
    }

    void begin(Invocation next, long now) {
        invocation = next;
        next.worker = this;
        next.state = Invocation.State.RUNNING;
        next.sinceNanos = now;
        bundles.add(next.handler.owner().bundleId());
    }

    /** Names the thread for what it runs. Not done at once: the name costs more than most handlers take. */
    void name() {
        if (!named) {
            named = true;
            thread.setName(idleName + " " + invocation.handler.label());
        }
    }

    void end() {
        invocation = null;
        if (named) {
            named = false;
            thread.setName(idleName);
        }
    }

    boolean ran(long bundleId) {
        return bundles.contains(bundleId);
    }

    /** What it is stuck in. */
    OverrunStatus overrun(long now, List<StackTraceElement> stack) {
        EventContext context = invocation.context;
        return new OverrunStatus(
                invocation.handler.owner().app(),
                context == null ? invocation.handler.name() + " activation" : invocation.handler.name(),
                context == null ? "" : context.tract(),
                context == null ? "" : context.event(),
                Duration.ofNanos(now - invocation.sinceNanos),
                thread.getName(),
                stack);
    }
}
