// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.core.dispatch;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;

import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class WatchdogTest {
    @Test
    void whatFailsAfterALookTakesNeitherWhatIsBehindItNorTheNextLook() throws Exception {
        var behind = new CountDownLatch(1);
        var looks = new CountDownLatch(2);
        var lock = new ReentrantLock();
        var duty = new Watchdog.Duty() {
            @Override
            public void look(List<Runnable> afterwards) {
                if (looks.getCount() == 2) {
                    afterwards.add(() -> {
                        throw new OutOfMemoryError("by hand");
                    });
                    afterwards.add(behind::countDown);
                }
                looks.countDown();
            }

            @Override
            public boolean isActive() {
                return true;
            }
        };
        var watchdog = new Watchdog(lock, duty, new Reports(new RecordingLogger().logger()));

        lock.lock();
        try {
            watchdog.start();
        } finally {
            lock.unlock();
        }

        assertThat(behind.await(10, SECONDS)).as("what is behind it").isTrue();
        assertThat(looks.await(10, SECONDS)).as("the next look").isTrue();
        Thread ended;
        lock.lock();
        try {
            ended = watchdog.stop();
        } finally {
            lock.unlock();
        }
        Watchdog.join(ended);
    }
}
