// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

import org.callosum.api.Message;
import org.callosum.core.EventSource;

/**
 * What is dispatched next: events that somebody waits for, parked events that are handed over, and those of the source, by turns.
 *
 * <p><b>Threads.</b> The worker that leads the {@link RunLoop} takes; any thread asks for something to be done, and may wait until
 * it is. What only the leading worker touches goes from one to the next under the lock of {@link Workers}.
 */
final class Agenda implements Supplier<Dispatch> {
    /** Some events, one after the other. */
    interface Work {
        /** The next event; {@code null} if there is none. */
        Dispatch next();
    }

    /** A work that somebody waits for. */
    private record Request(Work work, CountDownLatch over) {}

    private final Admission admission;

    private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
    private volatile EventSource source;
    private volatile boolean open;

    /** Parked events that come before what is admitted next. */
    private final Deque<Work> first = new ArrayDeque<>();

    /** What is being done; {@code null} between two. */
    private Request request;

    /** The event that was taken from the source and is to be admitted, and when it had come. */
    private Message held;

    private long heldSinceNanos;

    /** An agenda that gives nothing until it is opened. */
    Agenda(Admission admission) {
        this.admission = admission;
    }

    /** Begins to give. */
    void open() {
        open = true;
    }

    /** Gives nothing any more: what was asked for and has not begun is over. */
    void close() {
        open = false;
        for (Request each = requests.poll(); each != null; each = requests.poll()) {
            each.over().countDown();
        }
    }

    boolean isOpen() {
        return open;
    }

    /** Takes events from this source from now on; from none if it is {@code null}. */
    void follow(EventSource other) {
        source = other;
    }

    /** Where events are taken from; {@code null} if from nowhere. */
    EventSource source() {
        return source;
    }

    /** Whether events are taken from this source. */
    boolean follows(EventSource one) {
        return source == one;
    }

    /**
     * Has something done and waits until it is over, or the agenda is closed before it begins.
     *
     * @param wake says that there is something to do
     */
    void await(Work work, Runnable wake) {
        Request asked = new Request(work, new CountDownLatch(1));
        requests.add(asked);
        if (!open && requests.remove(asked)) {
            return; // closed: nobody took it
        }
        wake.run();
        boolean interrupted = false;
        while (true) {
            try {
                asked.over().await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public Dispatch get() {
        while (open) {
            Dispatch next = first.isEmpty() ? nextOfTurn() : nextOfFirst();
            if (next != null) {
                return next;
            }
            if (first.isEmpty() && request == null && held == null && requests.isEmpty()) {
                return null;
            }
        }
        endRequest();
        return null;
    }

    private Dispatch nextOfFirst() {
        Dispatch next = first.peek().next();
        if (next == null) {
            first.poll();
        }
        return next;
    }

    /** A request to its end, then one event of the source, then the next request. */
    private Dispatch nextOfTurn() {
        if (request != null) {
            Dispatch next = request.work().next();
            if (next != null || !first.isEmpty()) {
                return next;
            }
            endRequest();
        } else if (!requests.isEmpty() && held == null) {
            request = requests.poll();
            if (request != null) {
                return nextOfTurn();
            }
        }
        return nextOfSource();
    }

    private void endRequest() {
        if (request != null) {
            request.over().countDown();
            request = null;
        }
    }

    private Dispatch nextOfSource() {
        if (held == null) {
            EventSource from = source;
            if (from == null) {
                return null;
            }
            held = from.poll();
            heldSinceNanos = held == null ? EventSource.UNKNOWN : from.sinceNanos();
        }
        if (held == null || isLetBefore()) {
            return null;
        }
        Dispatch next = admission.admit(held);
        next.sinceNanos = heldSinceNanos;
        held = null;
        return next;
    }

    /** Whether parked events have to be handed over before another event is admitted: they are next. */
    boolean isLetBefore() {
        List<Work> before = admission.before();
        return !before.isEmpty() && first.addAll(before); // addAll makes an object, even for none
    }
}
