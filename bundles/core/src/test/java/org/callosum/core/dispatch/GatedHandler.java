// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;

import static org.assertj.core.api.Assertions.assertThat;

/** A handler that says when it was entered, then hangs until it is let go or interrupted. */
final class GatedHandler implements CallosumEventHandler {
    private final Semaphore entered = new Semaphore(0);
    private final CountDownLatch open = new CountDownLatch(1);
    private final CountDownLatch interrupted = new CountDownLatch(1);
    private final Throwable failure;
    volatile Thread thread;

    /** One that ends well. */
    GatedHandler() {
        this(null);
    }

    /** One that throws this when it is let go. */
    GatedHandler(Throwable failure) {
        this.failure = failure;
    }

    @Override
    public void handle(EventContext context) throws InterruptedException {
        thread = Thread.currentThread();
        entered.release();
        try {
            open.await();
        } catch (InterruptedException e) {
            interrupted.countDown();
            throw e;
        }
        if (failure != null) {
            GatedHandler.<RuntimeException>sneak(failure);
        }
    }

    @SuppressWarnings("unchecked") // whatever it is, the caller is not told
    private static <T extends Throwable> void sneak(Throwable failure) throws T {
        throw (T) failure;
    }

    void awaitEntered() throws InterruptedException {
        assertThat(entered.tryAcquire(10, TimeUnit.SECONDS))
                .as("handler entered")
                .isTrue();
    }

    boolean isEntered() {
        return entered.availablePermits() > 0;
    }

    void awaitInterrupted() throws InterruptedException {
        assertThat(interrupted.await(10, TimeUnit.SECONDS))
                .as("handler interrupted")
                .isTrue();
    }

    boolean isInterrupted() {
        return interrupted.getCount() == 0;
    }

    void letGo() {
        open.countDown();
    }
}
