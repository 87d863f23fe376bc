// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.util.concurrent.CountDownLatch;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;
import org.osgi.service.event.Event;

/**
 * The handler of every benchmark: one class for all that is compared. It counts what it gets, so that an event that is lost is
 * a benchmark that fails.
 *
 * <p><b>Threads.</b> It gets one event at a time; whoever hands them over sets what is expected before, and waits for the latch.
 */
final class CountingHandler implements CallosumEventHandler {
    private final Work work;
    private int left;
    private CountDownLatch over;

    CountingHandler(Work work) {
        this.work = work;
    }

    /** So many events will come; then it counts the latch down. */
    void expect(int events, CountDownLatch counted) {
        left = events;
        over = counted;
    }

    @Override
    public void handle(EventContext context) {
        count();
    }

    @Override
    public void handleEvent(Event event) {
        count();
    }

    private void count() {
        work.run();
        if (--left == 0) {
            over.countDown();
        }
        if (work == Work.FAIL) {
            throw new IllegalStateException("as it always does");
        }
    }
}
