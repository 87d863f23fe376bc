// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.bridge;

import java.util.concurrent.Semaphore;

import org.callosum.api.Message;

import static java.util.concurrent.TimeUnit.SECONDS;

/** Takes what comes out of a queue, on one thread: it sleeps when there is nothing, until the queue says that there is. */
final class Taker {
    private static final int PATIENCE_SECONDS = 60;

    private final MessageQueue queue;
    private final Semaphore arrivals = new Semaphore(0);

    Taker(MessageQueue queue) {
        this.queue = queue;
        queue.onArrival(arrivals::release);
    }

    /** The next message. */
    Message take() throws InterruptedException {
        Message next = queue.tryPoll();
        while (next == null) {
            if (!arrivals.tryAcquire(PATIENCE_SECONDS, SECONDS)) {
                throw new AssertionError("No message came within " + PATIENCE_SECONDS + " s");
            }
            next = queue.tryPoll();
        }
        return next;
    }
}
