// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.callosum.journal.RecordingLogger;
import org.osgi.service.log.Logger;

import static org.assertj.core.api.Assertions.assertThat;

/** A log that says when it was entered, then takes nothing until it is let go: as one whose disk is full or whose pipe nobody reads. */
final class BlockingLogger {
    private final RecordingLogger taken = new RecordingLogger();
    private final CountDownLatch open = new CountDownLatch(1);
    private final CountDownLatch entered = new CountDownLatch(1);
    private final boolean isDeaf;
    private volatile Thread thread;

    private final Logger logger = (Logger) Proxy.newProxyInstance(
            BlockingLogger.class.getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                thread = Thread.currentThread();
                entered.countDown();
                await();
                return method.invoke(taken().logger(), arguments);
            });

    /** Makes one. A deaf one is not moved by an interrupt, as a write to a pipe is not. */
    BlockingLogger(boolean isDeaf) {
        this.isDeaf = isDeaf;
    }

    Logger logger() {
        return logger;
    }

    /** What it took. */
    RecordingLogger taken() {
        return taken;
    }

    void letGo() {
        open.countDown();
    }

    /** The thread that is in it. */
    Thread awaitEntered() throws InterruptedException {
        assertThat(entered.await(10, TimeUnit.SECONDS)).as("log entered").isTrue();
        return thread;
    }

    private void await() {
        boolean interrupted = false;
        while (true) {
            try {
                open.await();
                break;
            } catch (InterruptedException e) {
                if (!isDeaf) {
                    throw new IllegalStateException("interrupted", e);
                }
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
