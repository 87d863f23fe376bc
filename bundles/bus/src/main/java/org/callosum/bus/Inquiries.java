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
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What others ask of a loop about what it alone may touch: answered on its thread in its next turn, so that it needs no
 * lock for them.
 *
 * <p><b>Threads.</b> Any thread {@linkplain #ask asks}, several at once; the loop answers and closes.
 */
final class Inquiries {
    /** One question. Either it is taken back or it is answered: who gives up waiting knows that it is not done later. */
    private static final class Inquiry<T> extends FutureTask<T> {
        private final AtomicBoolean isTaken = new AtomicBoolean();

        Inquiry(Callable<T> question) {
            super(question);
        }

        @Override
        public void run() {
            if (isTaken.compareAndSet(false, true)) {
                super.run();
            }
        }

        /** Whether it will not be answered; {@code false} if that has begun. */
        boolean takeBack() {
            return isTaken.compareAndSet(false, true);
        }
    }

    private final Queue<Inquiry<?>> waiting = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    /**
     * Asks, and waits for the answer. One that has begun is waited for once more, and through an interrupt: what it does is done
     * for the asker.
     *
     * @param question run by the loop; must not wait
     * @param wakeUp has the loop take a turn
     * @param ended the answer if the loop has ended
     * @param patience how long to wait at most
     * @throws IllegalStateException if the answer did not come in time, or the calling thread is interrupted
     */
    <T> T ask(Callable<T> question, Runnable wakeUp, T ended, Duration patience) {
        Inquiry<T> task = new Inquiry<>(question);
        waiting.add(task);
        if (closed) {
            return ended; // perhaps after the loop's last look: nobody would answer
        }
        wakeUp.run();
        boolean isInterrupted = false;
        try {
            try {
                return task.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (task.takeBack()) {
                    throw unanswered(patience, e);
                }
            } catch (InterruptedException e) {
                isInterrupted = true;
                if (task.takeBack()) {
                    throw new IllegalStateException("Interrupted before the bus answered", e);
                }
            }
            return answerOf(task, patience);
        } catch (CancellationException loopHasEnded) {
            return ended;
        } catch (ExecutionException e) {
            throw new IllegalStateException("The bus could not answer: " + e.getCause(), e.getCause());
        } finally {
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The answer to a question that the loop has begun with. */
    private static <T> T answerOf(Inquiry<T> task, Duration patience) throws ExecutionException {
        boolean isInterrupted = false;
        try {
            while (true) {
                try {
                    return task.get(patience.toMillis(), TimeUnit.MILLISECONDS);
                } catch (InterruptedException e) {
                    isInterrupted = true;
                } catch (TimeoutException e) {
                    throw unanswered(patience, e);
                }
            }
        } finally {
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static IllegalStateException unanswered(Duration patience, Exception cause) {
        return new IllegalStateException(
                "The bus did not answer within " + patience.toMillis() + " ms: it is busy, ask again", cause);
    }

    /** Answers what was asked so far. */
    void answer() {
        for (Inquiry<?> task = waiting.poll(); task != null; task = waiting.poll()) {
            task.run();
        }
    }

    /** Answers nothing more. */
    void close() {
        closed = true;
        for (Inquiry<?> task = waiting.poll(); task != null; task = waiting.poll()) {
            task.cancel(false);
        }
    }
}
