// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.security.AccessController;
import java.security.PrivilegedAction;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;

import org.callosum.api.EventContext;
import org.callosum.api.Message;
import org.callosum.core.InvocationStatus;

/**
 * A thread that runs handlers, and what {@link Workers} and {@link RunLoop} know of it.
 *
 * <p>The worker that leads runs one handler after the other and takes no lock for it: it says what it is about to run
 * ({@link #begin}) and that this has ended ({@link #end}). Whoever finds that it takes long takes the run ({@link #take}): it is
 * an {@link Invocation} from then on, and the lead goes to another worker. Only one of {@code end} and {@code take} succeeds.
 *
 * <p><b>Threads.</b> {@code begin} and {@code end} are called by the worker itself; {@code take} by any thread that holds the
 * lock of {@link Workers}. What is neither final nor volatile is guarded by that lock, but for what a run consists of: that is
 * published by {@link #state}.
 */
final class Worker {
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Worker.class, "state", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** A run was taken. */
    private static final long TAKEN = Long.MIN_VALUE;

    /** Knows which worker it is. */
    private static final class WorkerThread extends Thread {
        private final Worker worker;

        WorkerThread(Worker worker, Runnable life, String name) {
            super(null, life, name, 0, false);
            this.worker = worker;
        }
    }

    private final String idleName;
    final Thread thread;

    /** Says that it is to lead, that {@link #invocation} was set, or that {@link #ending} is. */
    final Condition wake;

    /** What it runs, was taken from it, or is about to run; {@code null} if it leads or is idle. */
    Invocation invocation;

    /** Ends as soon as it has nothing to run. Written with the lock held. */
    volatile boolean ending;

    /** The last state that the watchdog saw while it led, and since when. */
    long seen;

    long seenNanos;

    /** How often. */
    int looks;

    /** Odd while a handler runs that was not taken; each run has a number of its own. */
    private volatile long state;

    /** The number of the last run. Touched by the worker alone. */
    private long run;

    /** What it runs, if that is traced; else {@code null}. Touched by the worker alone. */
    EventTrace.Run traced;

    private Handler handler;
    private Dispatch dispatch;
    private EventContext context;
    private long sinceNanos;

    /** Whether its thread's name says what it runs. */
    private boolean named;

    /** The bundles whose handlers it ever ran: what they left in its thread locals goes with it, when it is retired. */
    private final Set<Long> bundles = ConcurrentHashMap.newKeySet();

    @SuppressWarnings("removal") // see newThread
    Worker(int number, Condition wake, Runnable life) {
        this.idleName = "callosum-worker-" + number;
        this.wake = wake;
        this.thread = AccessController.doPrivileged(
                (PrivilegedAction<Thread>) () -> prepared(new WorkerThread(this, life, idleName)));
    }

    /**
     * A thread that keeps nothing of the one that happens to create it, which may be an app's: no thread locals, no context
     * class loader, and (up to JDK 23) no access control context, which refers to the class loader of every caller.
     */
    @SuppressWarnings("removal")
    static Thread newThread(Runnable life, String name) {
        return AccessController.doPrivileged((PrivilegedAction<Thread>) () -> {
            return prepared(new Thread(null, life, name, 0, false));
        });
    }

    private static Thread prepared(Thread thread) {
        thread.setContextClassLoader(null);
        // A handler that hangs must not keep the process from ending.
        thread.setDaemon(true);
        return thread;
    }

    /** The worker that the calling thread is; {@code null} if it is none. */
    static Worker current() {
        return Thread.currentThread() instanceof WorkerThread self ? self.worker : null;
    }

    /** The event that the worker, which asks, handles; {@code null} if it handles none. */
    Message handling() {
        EventContext its = context;
        return its == null ? null : its.msg();
    }

    /** The handler that the worker, which asks, runs for an event. */
    Handler handlerOfOwn() {
        return handler;
    }

    /** When that run began. */
    long sinceNanosOfOwn() {
        return sinceNanos;
    }

    /**
     * Says what this worker, which leads, is about to run. The caller looks afterwards whether the handler is closed: whoever
     * closes it looks afterwards whether it runs.
     */
    void begin(Handler next, EventContext its, Dispatch of, long nowNanos) {
        if (next.lastWorker != this) {
            remember(next); // before it runs, so that who waits for its end finds it
            next.lastWorker = this;
        }
        handler = next;
        context = its;
        dispatch = of;
        sinceNanos = nowNanos;
        run += 2;
        state = run | 1;
    }

    /** Says that it has ended. Whether nobody has taken it; if somebody has, {@link #invocation} is what it has become. */
    boolean end() {
        return STATE.compareAndSet(this, run | 1, run);
    }

    /** Keeps nothing of what it ran last. */
    void forget() {
        handler = null;
        context = null;
        dispatch = null;
    }

    /** The number of what runs now and was not taken; even if there is nothing. */
    long state() {
        return state;
    }

    /** What runs, or ran a moment ago. To be believed only if the state is the same before and after. */
    Handler handlerUnsafe() {
        return handler;
    }

    /** Takes the run with this number from the worker; {@code null} if it has ended. */
    Invocation take(long number) {
        if ((number & 1) == 0 || !STATE.compareAndSet(this, number, TAKEN)) {
            return null;
        }
        invocation = new Invocation(handler, context, dispatch, sinceNanos);
        invocation.begin(this);
        return invocation;
    }

    /** Gives it an invocation to run that nobody leads to. */
    void begin(Invocation next, long nowNanos) {
        remember(next.handler);
        next.sinceNanos = nowNanos;
        next.begin(this);
        invocation = next;
    }

    /** Its invocation has ended. */
    void endInvocation() {
        invocation = null;
        state = run;
        if (named) {
            named = false;
            thread.setName(idleName);
        }
    }

    /** Names the thread for what it runs. Not done at once: the name costs more than most handlers take. */
    void name() {
        if (!named) {
            named = true;
            thread.setName(idleName + " " + invocation.handler.label());
        }
    }

    private void remember(Handler of) {
        bundles.add(of.owner().bundleId());
    }

    boolean ran(long bundleId) {
        return bundles.contains(bundleId);
    }

    /** What it runs. */
    InvocationStatus status(long now, List<StackTraceElement> stack) {
        EventContext of = invocation.context;
        boolean isWrittenOff = invocation.state == Invocation.State.OVERRUN;
        return new InvocationStatus(
                invocation.handler.owner().app(),
                of == null ? invocation.handler.name() + " activation" : invocation.handler.name(),
                of == null ? "" : of.tract(),
                of == null ? "" : of.event(),
                isWrittenOff ? InvocationStatus.State.WRITTEN_OFF : InvocationStatus.State.SLOW,
                isWrittenOff || invocation.isSlow,
                Duration.ofNanos(now - invocation.sinceNanos),
                thread.getName(),
                stack);
    }
}
