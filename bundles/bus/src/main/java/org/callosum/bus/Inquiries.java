// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What others ask of a loop about what it alone may touch: answered on its thread in its next turn, so that it needs no
 * lock for them.
 *
 * <p><b>Threads.</b> Any thread {@linkplain #ask asks}, several at once; the loop answers and closes.
 */
final class Inquiries {
    private final Queue<FutureTask<?>> waiting = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    /**
     * Asks, and waits for the answer.
     *
     * @param question run by the loop; must not wait
     * @param wakeUp has the loop take a turn
     * @param ended the answer if the loop has ended
     * @param patience how long to wait at most
     * @throws IllegalStateException if the answer did not come in time, or the calling thread is interrupted
     */
    <T> T ask(Callable<T> question, Runnable wakeUp, T ended, Duration patience) {
        FutureTask<T> task = new FutureTask<>(question);
        waiting.add(task);
        if (closed) {
            return ended; // perhaps after the loop's last look: nobody would answer
        }
        wakeUp.run();
        try {
            return task.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (CancellationException loopHasEnded) {
            return ended;
        } catch (TimeoutException e) {
            task.cancel(false);
            throw new IllegalStateException(
                    "The bus did not answer within " + patience.toMillis() + " ms: it is busy, ask again", e);
        } catch (InterruptedException e) {
            task.cancel(false);
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted before the bus answered", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("The bus could not answer: " + e.getCause(), e.getCause());
        }
    }

    /** Answers what was asked so far. */
    void answer() {
        for (FutureTask<?> task = waiting.poll(); task != null; task = waiting.poll()) {
            task.run();
        }
    }

    /** Answers nothing more. */
    void close() {
        closed = true;
        for (FutureTask<?> task = waiting.poll(); task != null; task = waiting.poll()) {
            task.cancel(false);
        }
    }
}
