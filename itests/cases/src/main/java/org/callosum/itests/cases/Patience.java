// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.cases;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits for what a container does in its own time and tells nobody of. Awaitility does the same, and would be one more bundle
 * in each container.
 */
final class Patience {
    /** How long anything may take that has to happen. */
    static final Duration LIMIT = Duration.ofSeconds(30);

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private Patience() {}

    /** Looks again and again until it is so. */
    static void await(String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("Not so within " + LIMIT + ": " + what);
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }
}
