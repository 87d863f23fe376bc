// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.function.Consumer;

import org.callosum.api.KeyValues;
import org.osgi.service.log.Logger;

/**
 * Says to the log what the dispatcher sees, on a {@link SideThread}: a log that blocks, because a disk is full or nobody reads a
 * pipe, must block neither the watchdog, without which there is no time limit, nor who dispatches or hands parked events over,
 * nor a handler that failed, whose time it would take.
 *
 * <p>What waits may wait long: a report keeps no handler, no message and nothing else of an app.
 *
 * <p><b>Threads.</b> Any thread may report, and does not wait. {@link #start} and {@link #stop} are called by one at a time.
 */
final class Reports {
    private final Logger logger;
    private final SideThread thread = new SideThread("callosum-reports", this::sayLeftOut);

    /** Reports to this log; not started. */
    Reports(Logger logger) {
        this.logger = logger;
    }

    void start() {
        thread.start();
    }

    void stop() {
        thread.stop();
    }

    /** Has this said, soon. */
    void add(Consumer<Logger> report) {
        thread.add(() -> report.accept(logger));
    }

    private void sayLeftOut(long count) {
        logger.warn(
                "{} lines about handlers are missing here: the log did not take them; 'handlers' and 'parked' have the numbers{}",
                count,
                KeyValues.of("left_out", count));
    }
}
