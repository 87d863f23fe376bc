// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.util.concurrent.locks.LockSupport;

/** What a handler does with an event. */
public enum Work {
    /** Counts it. */
    NONE("nothing", 0),
    /** Computes for 10 µs. */
    SPIN_10_MICROS("10 µs, computing", 10_000),
    /** Waits for 1 ms, as for a disk or a peer. */
    WAIT_1_MILLI("1 ms, waiting", 1_000_000),
    /** Counts it and throws. */
    FAIL("throws", 0);

    final String label;
    private final long nanos;

    Work(String label, long nanos) {
        this.label = label;
        this.nanos = nanos;
    }

    void run() {
        if (nanos == 0) {
            return;
        }
        long until = System.nanoTime() + nanos;
        for (long left = nanos; left > 0; left = until - System.nanoTime()) {
            if (this == WAIT_1_MILLI) {
                LockSupport.parkNanos(left);
            } else {
                Thread.onSpinWait();
            }
        }
    }
}
