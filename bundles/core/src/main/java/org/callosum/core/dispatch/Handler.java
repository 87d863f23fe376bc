// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.callosum.api.Gap;
import org.callosum.api.GapListener;
import org.callosum.api.KeyValues;
import org.callosum.core.HandlerFailure;
import org.callosum.core.HandlerStatus;
import org.callosum.core.HandlerStatus.State;
import org.callosum.core.HandlerTimes;
import org.callosum.core.LatencyStatus;
import org.osgi.service.event.EventHandler;

/**
 * One handler that an app published: what it listens to, how to get and call it, and its numbers.
 *
 * <p><b>Threads.</b> {@link Workers} calls {@link #prepare}, {@link #enter}, {@link #tell} and {@link #call} on its threads, several at once;
 * {@link #release} comes once, after the handler was closed there. Everybody may read the numbers. No lock is held while
 * the source or the handler is called.
 */
public final class Handler {
    /** Where the handler's service comes from. Its methods run foreign code. */
    public interface Source {
        /**
         * Gets the service. Each call that returns is matched by one {@link #release()}.
         *
         * @throws Exception if it cannot be had; the message says why
         */
        EventHandler get() throws Exception;

        /** Gives the service back, once for each {@link #get()}. */
        void release();
    }

    private final long serviceId;
    private final HandlerIdentity identity;
    private final Owner owner;
    private final Source source;
    private final LongAdder invoked = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder timedOut = new LongAdder();
    private final Rate rate = new Rate();

    private volatile Registration registration;
    private volatile String name;

    /** What went wrong when the service was last wanted; empty since it was had. */
    private volatile String failure = "";

    /** What it threw last, or why it could not be had; {@code null} if it has never failed. */
    private volatile HandlerFailure lastFailure;

    /** Whether it is no longer waited for a service that cannot be had. */
    private volatile boolean overdue;

    /** The service, once it was had. Written under {@code this}, so that each service that was got is kept or given back. */
    private volatile EventHandler service;

    /** Guarded by {@code this}: a service that arrives after the release is given back at once. */
    private boolean released;

    /** Its invocations that are pending or run, written-off ones included. Guarded by the lock of {@link Workers}. */
    final List<Invocation> invocations = new ArrayList<>();

    /** Whether it takes no new invocation. Written with the lock of {@link Workers} held. */
    volatile boolean closed;

    /** Whether its last run took so long that it was taken from the worker that led; a hint, to lead on without it at once. */
    volatile boolean isSlow;

    /** How long a run took that was timed, the last time. */
    volatile long lastNanos;

    /** How often it overran since it last ended in time. Written by whoever ends its run. */
    volatile int timeoutsInARow;

    /** Made with its first run. */
    private volatile Times times;

    /** The state of {@link Gaps} when it was last asked for this handler: until that changes nothing is owed to it. */
    volatile int gapsSeen;

    /** The worker that began it last; a hint, that saves that worker from noting the bundle again. */
    Worker lastWorker;

    /**
     * Makes a handler. Its service is not got yet.
     *
     * @param identity what it is known by when it leaves and comes back
     * @param name its name as far as it is known without the service; empty if it is not
     */
    public Handler(
            long serviceId,
            Owner owner,
            HandlerIdentity identity,
            String name,
            Registration registration,
            Source source) {
        this.serviceId = serviceId;
        this.identity = identity;
        this.owner = owner;
        this.name = name;
        this.registration = registration;
        this.source = source;
    }

    /** Its {@code service.id}. */
    public long serviceId() {
        return serviceId;
    }

    /** What it is known by within its bundle when it leaves and comes back. */
    public HandlerIdentity identity() {
        return identity;
    }

    /** Whose it is. */
    public Owner owner() {
        return owner;
    }

    /** What its registration says now. */
    public Registration registration() {
        return registration;
    }

    /** Its registration's properties changed. */
    public void reregister(Registration changed) {
        registration = changed;
    }

    /** What went wrong when its service was last wanted; empty if nothing did. */
    String failure() {
        return failure;
    }

    /** App and handler, for a log line. */
    public String label() {
        return owner.app() + "/" + name();
    }

    /** App, handler and service, for the values of a log line. */
    public KeyValues keyValues() {
        return owner.keyValues(name()).and("service_id", serviceId);
    }

    /** Its name. */
    public String name() {
        return name.isEmpty() ? "service " + serviceId : name;
    }

    /** Gets the service, if it was not had yet. Throws why it cannot be had. */
    EventHandler prepare() throws Throwable {
        EventHandler known = service;
        return known != null ? known : obtain();
    }

    boolean isHad() {
        return service != null;
    }

    /** Its service has been away for so long that this is a failure, until it is had. */
    void overdue() {
        overdue = true;
    }

    boolean isOverdue() {
        return overdue;
    }

    /** An event came for it and its service could not be had. */
    void countUnavailable() {
        invoked.increment();
        failed.increment();
    }

    /**
     * Begins an invocation: the thread is the handler's.
     *
     * @param handler what {@link #prepare} gave
     */
    void enter(EventHandler handler) {
        invoked.increment();
        Thread.currentThread().setContextClassLoader(handler.getClass().getClassLoader());
    }

    /** Tells the service what it missed, if it wants to know. Throws what it throws. */
    static void tell(EventHandler service, Gap gap) throws Exception {
        if (service instanceof GapListener listener) {
            listener.gap(gap);
        }
    }

    /** Hands an event to the service. Throws what it throws. */
    static void call(EventHandler service, EventContext context) throws Exception {
        if (service instanceof CallosumEventHandler typed) {
            typed.handle(context);
        } else {
            service.handleEvent(context.toEvent());
        }
    }

    /** What went wrong, for those who ask. */
    void failed(HandlerFailure failure) {
        lastFailure = failure;
    }

    void countFailure() {
        failed.increment();
    }

    void countTimeout() {
        timedOut.increment();
    }

    /** Gives the service back, and every one that still arrives. */
    public void release() {
        boolean had;
        synchronized (this) {
            released = true;
            had = service != null;
            service = null;
        }
        if (had) {
            source.release();
        }
    }

    /** Notes how often it was invoked until now. */
    void sampleRate(long now) {
        rate.sample(invoked.sum(), now);
    }

    /** How long its runs took. */
    Times times() {
        Times known = times;
        return known != null ? known : newTimes();
    }

    private synchronized Times newTimes() {
        if (times == null) {
            times = new Times();
        }
        return times;
    }

    /**
     * Its numbers now.
     *
     * @param nanos now
     * @param quarantine why it is not called although it is there; empty if it is
     */
    HandlerStatus status(int running, long nanos, boolean away, String quarantine) {
        Registration now = registration;
        String problem = now.problem().isEmpty() ? failure : now.problem();
        Times its = times;
        long invocations = invoked.sum();
        return new HandlerStatus(
                serviceId,
                owner.app(),
                name(),
                now.subscriptions(),
                now.filter().map(MessageFilter::text).orElse(""),
                now.timeout(),
                owner.bundleId(),
                owner.bundle(),
                owner.version(),
                away ? State.PARKED : quarantine.isEmpty() ? state(now) : State.QUARANTINED,
                invocations,
                failed.sum(),
                timedOut.sum(),
                running,
                rate.perSecond(invocations, nanos),
                its == null ? HandlerTimes.NONE : its.status(),
                Optional.ofNullable(lastFailure),
                problem.isEmpty() ? quarantine : problem);
    }

    /** How long its runs took, as a histogram. */
    LatencyStatus latency() {
        Times its = times;
        return its == null ? Times.noLatency(serviceId) : its.latency(serviceId);
    }

    private State state(Registration now) {
        if (!now.problem().isEmpty()) {
            return State.BAD;
        }
        return failure.isEmpty() ? State.ACTIVE : State.FAILED;
    }

    private EventHandler obtain() throws Throwable {
        EventHandler known;
        EventHandler got;
        try {
            got = source.get();
        } catch (Throwable e) {
            String text = e.getMessage() == null ? e.toString() : e.getMessage();
            synchronized (this) {
                if (service == null) { // another attempt may have had it while this one failed
                    failure = text;
                }
            }
            throw e;
        }
        synchronized (this) {
            if (!released && service == null) {
                service = got;
                failure = "";
                overdue = false;
                if (name.isEmpty()) {
                    name = nameOf(got.getClass());
                }
                return got;
            }
            known = service;
        }
        source.release(); // another thread was quicker, or the handler left meanwhile
        if (known == null) {
            throw new IllegalStateException(label() + " left while its service was got");
        }
        return known;
    }

    private static String nameOf(Class<?> type) {
        String name = type.getName().substring(type.getName().lastIndexOf('.') + 1);
        int lambda = name.indexOf("$$Lambda");
        return lambda < 0 ? name : name.substring(0, lambda) + " (lambda)";
    }
    /** A run was timed. */
    void timed(long nanos) {
        lastNanos = nanos;
        if (isSlow && nanos < Watchdog.NANOS / 2) {
            isSlow = false; // what another thread costs is more than it saves
        }
    }
}
