// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.client;

import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

import org.callosum.api.Gap;
import org.callosum.api.GapListener;
import org.callosum.api.KeyValues;
import org.callosum.api.Message;
import org.callosum.bus.Log;
import org.callosum.bus.LogPause;

/**
 * The thread that calls a client's listeners, and nothing else: neither what they throw nor how long they take reaches the
 * connection.
 *
 * <p><b>Threads.</b> {@link #run()} is the thread; {@link #failures()} is for any.
 */
final class ListenerLoop implements Runnable {
    private final ListenQueue queue;
    private final Supplier<List<Subscription>> subscriptions;
    private final GapListener gapListener;
    private final ConnectionListener connectionListener;
    private final Log log;
    private final LogPause complaints = new LogPause();
    private final LogPause gapLines = new LogPause();
    private final LongAdder failures = new LongAdder();

    /** What the connection listener was told last. */
    private boolean isConnected;

    ListenerLoop(
            ListenQueue queue,
            Supplier<List<Subscription>> subscriptions,
            GapListener gapListener,
            ConnectionListener connectionListener,
            Log log) {
        this.queue = queue;
        this.subscriptions = subscriptions;
        this.gapListener = gapListener;
        this.connectionListener = connectionListener;
        this.log = log;
    }

    /** Something that may throw. */
    private interface Call {
        void run() throws Exception;
    }

    @Override
    public void run() {
        for (Object next = queue.take(); next != null; next = queue.take()) {
            if (next instanceof Message message) {
                deliver(message);
                queue.handled(message);
            } else {
                tell((Notice) next);
            }
        }
    }

    /** How often a listener has thrown. */
    long failures() {
        return failures.sum();
    }

    private void deliver(Message message) {
        for (Subscription subscription : subscriptions.get()) {
            if (subscription.matches(message)) {
                guarded(subscription, message, () -> subscription.listener().receive(message));
            }
        }
    }

    private void tell(Notice notice) {
        if (isConnected && notice.lostReason() != null) {
            isConnected = false;
            guarded(connectionListener, "a lost connection", () -> connectionListener.lost(notice.lostReason()));
        }
        if (!isConnected && notice.isConnectedAfter(false)) {
            isConnected = true;
            guarded(connectionListener, "a connection", connectionListener::connected);
        }
        if (subscriptions.get().isEmpty()) {
            return; // nobody listens, and so nobody has missed anything
        }
        for (Gap gap : notice.gaps()) {
            if (gap.events().isPresent()
                    && gapLines.isOver(System.nanoTime())) { // the connection says when it was away
                log.warn(
                        "The listeners miss {}: they did not keep up{}{}",
                        gap,
                        gapLines.suppressed(),
                        keyValues(gap).and(gapLines.keyValues()));
            }
            guarded(gapListener, gap, () -> gapListener.gap(gap));
        }
    }

    private void guarded(Object listener, Object subject, Call call) {
        try {
            call.run();
        } catch (
                Throwable e) { // an Error is the listener's own, too: those that follow get their messages all the same
            failures.increment();
            report(listener, subject, e);
        } finally {
            Thread.interrupted(); // one listener's interrupt is not the next one's
        }
    }

    private void report(Object listener, Object subject, Throwable failure) {
        if (!complaints.isOver(System.nanoTime())) {
            return;
        }
        String name = listener instanceof Subscription
                ? listener.toString()
                : listener.getClass().getName();
        KeyValues what = subject instanceof Message message
                ? message.keyValues()
                : subject instanceof Gap gap ? keyValues(gap) : KeyValues.of("on", subject);
        KeyValues who = KeyValues.of("listener", name).and(what);
        try {
            log.error(
                    "Listener {} failed on {}: it is counted, and what follows is handed to it all the same{}{}",
                    name,
                    subject,
                    complaints.suppressed(),
                    who.and(complaints.keyValues()),
                    failure);
        } catch (Throwable e) { // what prints a throwable calls its methods, and those may be foreign, too
            log.error(
                    "Listener {} failed on {} with a {}, which cannot be printed: it is counted, and what follows is handed"
                            + " to it all the same{}",
                    name,
                    subject,
                    failure.getClass().getName(),
                    who);
        }
    }

    private static KeyValues keyValues(Gap gap) {
        Object events = gap.events().isPresent() ? gap.events().getAsLong() : null;
        return KeyValues.of("reason", gap.reason())
                .and("events", events)
                .and("from", gap.from())
                .and("to", gap.to());
    }
}
