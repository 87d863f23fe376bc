// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

import org.callosum.api.Message;
import org.callosum.core.Subscription;
import org.callosum.core.Trace;
import org.callosum.core.TracedEvent;

/**
 * What somebody follows, between the dispatcher, which waits for nobody, and the one who takes.
 *
 * <p><b>Threads.</b> The dispatcher's workers put in, any thread takes and closes. Guarded by {@code this}.
 */
final class OpenTrace implements Trace {
    private static final int MAX_WAITING = 1_000;
    private static final long MAX_WAITING_BYTES = 4 << 20;

    private final Subscription names;
    private final boolean withMessages;
    private final Consumer<OpenTrace> whenOver;

    private final Set<EventTrace> begun = new LinkedHashSet<>();
    private final Deque<TracedEvent> waiting = new ArrayDeque<>();
    private long waitingBytes;

    /** How many events are still to begin. */
    private int left;

    private long dropped;
    private boolean closed;

    /**
     * Follows the next events of these names.
     *
     * @param whenOver is told once that it follows no more
     */
    OpenTrace(Subscription names, int events, boolean withMessages, Consumer<OpenTrace> whenOver) {
        if (events < 1) {
            throw new IllegalArgumentException("A trace of " + events + " events: follow 1 or more");
        }
        this.names = names;
        this.left = events;
        this.withMessages = withMessages;
        this.whenOver = whenOver;
    }

    /** Whether it follows an event that begins now. */
    synchronized boolean follows(Message message) {
        return left > 0 && names.matches(message.tract(), message.event());
    }

    synchronized void begun(EventTrace event) {
        left--;
        begun.add(event);
    }

    void ended(EventTrace event) {
        boolean isLast;
        synchronized (this) {
            if (!begun.remove(event)) {
                return; // closed meanwhile
            }
            TracedEvent its = event.snapshot(withMessages);
            long size = size(its);
            if (!waiting.isEmpty() && (waiting.size() >= MAX_WAITING || waitingBytes + size > MAX_WAITING_BYTES)) {
                dropped++;
            } else {
                waiting.add(its);
                waitingBytes += size;
            }
            isLast = left == 0 && begun.isEmpty();
            notifyAll();
        }
        if (isLast) {
            whenOver.accept(this);
        }
    }

    @Override
    public synchronized Optional<TracedEvent> next(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        for (long rest = patience.toNanos(); waiting.isEmpty() && !isOver(); rest = deadline - System.nanoTime()) {
            if (rest <= 0) {
                return Optional.empty();
            }
            wait(rest / 1_000_000, (int) (rest % 1_000_000));
        }
        TracedEvent next = waiting.poll();
        if (next != null) {
            waitingBytes -= size(next);
        }
        return Optional.ofNullable(next);
    }

    @Override
    public synchronized boolean isOver() {
        return waiting.isEmpty() && (closed || left == 0 && begun.isEmpty());
    }

    @Override
    public List<TracedEvent> underWay() {
        List<EventTrace> now;
        synchronized (this) {
            now = new ArrayList<>(begun);
        }
        return now.stream().map(event -> event.snapshot(withMessages)).toList();
    }

    @Override
    public synchronized long takeDropped() {
        long taken = dropped;
        dropped = 0;
        return taken;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            left = 0;
            begun.clear();
            notifyAll();
        }
        whenOver.accept(this);
    }

    private static long size(TracedEvent event) {
        return event.message()
                .map(message -> (long) message.toUtf8().remaining())
                .orElse(0L);
    }
}
