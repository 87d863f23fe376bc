// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

import org.callosum.api.Message;
import org.callosum.core.EventSource;

/**
 * A source that who listens to it brings the events of, as the bridge to a bus does: what a test gives it while somebody listens
 * comes by that one's thread, and else at once.
 */
final class ListeningSource implements EventSource {
    final AtomicInteger listened = new AtomicInteger();
    final AtomicInteger left = new AtomicInteger();

    // Guarded by this.
    private final Queue<Message> toBring = new ArrayDeque<>();
    private final Queue<Message> brought = new ArrayDeque<>();
    private boolean isRecalled;
    private Thread listener;

    private final Runnable wake;
    volatile boolean refuses;

    /** What the next poll waits for. */
    volatile CountDownLatch gate = new CountDownLatch(0);

    ListeningSource(Runnable wake) {
        this.wake = wake;
    }

    void give(Message message) {
        synchronized (this) {
            if (listener != null) {
                toBring.add(message);
                notifyAll();
                return;
            }
            brought.add(message);
        }
        wake.run();
    }

    /** Who listens, now or in a moment; {@code null} if nobody does. */
    synchronized Thread listenerSoon() throws InterruptedException {
        if (listener == null) {
            wait(10);
        }
        return listener;
    }

    @Override
    public Message poll() {
        try {
            gate.await();
        } catch (InterruptedException meantForAHandler) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            return brought.poll();
        }
    }

    @Override
    public boolean listen(BooleanSupplier until) {
        listened.incrementAndGet();
        if (refuses) {
            return false;
        }
        synchronized (this) {
            listener = Thread.currentThread();
            notifyAll();
        }
        while (!until.getAsBoolean()) {
            bring();
        }
        synchronized (this) {
            listener = null;
            brought.addAll(toBring);
            toBring.clear();
        }
        return true;
    }

    private void bring() {
        synchronized (this) {
            while (toBring.isEmpty() && !isRecalled) {
                try {
                    wait();
                } catch (InterruptedException meantForAHandler) {
                    return;
                }
            }
            isRecalled = false;
            if (toBring.isEmpty()) {
                return;
            }
            brought.add(toBring.poll());
        }
        wake.run();
    }

    @Override
    public synchronized void recall() {
        isRecalled = true;
        notifyAll();
    }

    @Override
    public void leave() {
        left.incrementAndGet();
    }
}
