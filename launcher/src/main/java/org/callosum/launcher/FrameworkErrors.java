// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.util.concurrent.atomic.AtomicInteger;

import org.apache.felix.framework.Logger;

/**
 * Takes what the framework itself has to complain about, for which it would use standard output.
 *
 * <p><b>Threads.</b> Any thread of the framework.
 */
final class FrameworkErrors extends Logger {
    private final AtomicInteger count = new AtomicInteger();
    private volatile boolean isSilent;

    /** How many errors there were. */
    int count() {
        return count.get();
    }

    /**
     * From now on nothing is written: the framework publishes its errors as events too, and there is a log that writes
     * those.
     */
    void silence() {
        isSilent = true;
    }

    @Override
    protected void doLog(int level, String message, Throwable failure) {
        if (level != LOG_ERROR) {
            return;
        }
        count.incrementAndGet();
        if (!isSilent) {
            System.err.println("callosum: framework: " + message + (failure == null ? "" : ": " + failure));
        }
    }
}
