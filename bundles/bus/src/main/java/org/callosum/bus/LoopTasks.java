// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.osgi.service.log.Logger;

/**
 * What other threads have a loop do between two of its turns, and do not wait for. What has an answer is an inquiry:
 * {@link Inquiries}.
 *
 * <p><b>Threads.</b> Any thread adds, several at once; the loop runs them.
 */
final class LoopTasks {
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final Logger logger;

    LoopTasks(Logger logger) {
        this.logger = logger;
    }

    /** Adds one; the loop is to be woken by the caller. */
    void add(Runnable task) {
        waiting.add(task);
    }

    /** Runs those that were added, in order; one that fails leaves the others as they are. */
    void run() {
        for (Runnable task = waiting.poll(); task != null; task = waiting.poll()) {
            try {
                task.run();
            } catch (RuntimeException e) {
                logger.error("The bus's loop failed at a task: it goes on, and this is a defect to be reported", e);
            }
        }
    }
}
