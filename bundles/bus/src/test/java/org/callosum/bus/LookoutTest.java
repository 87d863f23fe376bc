// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** The clock goes on by {@value #STEP} ns each time that it is read. */
@Timeout(30)
class LookoutTest {
    private static final long STEP = 1_000;
    private static final long FOREVER = Long.MAX_VALUE;
    private static final long AWAKE = 50 * STEP;

    private final AtomicLong readings = new AtomicLong();
    private Selector selector;
    private Pipe pipe;
    private Lookout lookout;

    @BeforeEach
    void open() throws IOException {
        selector = Selector.open();
        pipe = Pipe.open();
        pipe.source().configureBlocking(false);
        pipe.source().register(selector, SelectionKey.OP_READ);
        lookout = new Lookout(selector, () -> readings.incrementAndGet() * STEP);
    }

    @AfterEach
    void close() throws IOException {
        pipe.sink().close();
        pipe.source().close();
        selector.close();
    }

    @Test
    void whatIsReadyEndsAWaitAwakeAndAsleep() throws IOException {
        write();
        lookout.await(FOREVER, AWAKE);
        assertThat(selector.selectedKeys()).hasSize(1);

        selector.selectedKeys().clear();
        lookout.await(FOREVER, 0);
        assertThat(selector.selectedKeys()).hasSize(1);
    }

    @Test
    void aCallEndsTheNextWaitAwakeAndAsleep() throws IOException {
        lookout.call();
        lookout.await(FOREVER, FOREVER);
        lookout.call();
        lookout.await(FOREVER, 0);
    }

    @Test
    void aCallEndsAWaitThatHasBegunAwake() throws Exception {
        CompletableFuture<Void> waiter = waiting(FOREVER, FOREVER);
        awaitReadings(1_000);
        lookout.call();
        waiter.get(10, TimeUnit.SECONDS);
    }

    /** The look takes the wake-up from the selector, and then the time awake is over. */
    @Test
    void aCallIsNotLostThatComesAtTheLastLookAwake() throws Exception {
        var late = new LateCaller(selector, () -> {
            lookout.call();
            readings.addAndGet(AWAKE);
        });
        lookout = new Lookout(late, () -> readings.incrementAndGet() * STEP);
        waiting(FOREVER, AWAKE).get(10, TimeUnit.SECONDS);
        assertThat(late.looks).isEqualTo(1);
    }

    @Test
    void itSleepsWhenNothingWasReadyForSoLong() throws Exception {
        CompletableFuture<Void> waiter = waiting(FOREVER, AWAKE);
        awaitReadings(AWAKE / STEP);
        awaitSleep();
        assertThat(readings.get()).as("readings of the clock, all while awake").isLessThan(2 * AWAKE / STEP);
        lookout.call();
        waiter.get(10, TimeUnit.SECONDS);
    }

    @Test
    void itIsAwakeAgainWhenSomethingWasReady() throws Exception {
        readings.addAndGet(1_000_000); // long ago
        write();
        lookout.await(FOREVER, AWAKE);
        read();
        long before = readings.get();
        lookout.call();
        lookout.await(FOREVER, AWAKE);
        CompletableFuture<Void> waiter = waiting(FOREVER, AWAKE);
        awaitReadings(before + AWAKE / STEP);
        lookout.call();
        waiter.get(10, TimeUnit.SECONDS);
    }

    @Test
    void theTimeThatItMayTakeEndsAWaitAwakeAndAsleep() throws IOException {
        lookout.await(10 * STEP, FOREVER);
        lookout.await(TimeUnit.MILLISECONDS.toNanos(1), 0);
        lookout.await(TimeUnit.MILLISECONDS.toNanos(1), 2 * STEP);
    }

    @Test
    void aLookDoesNotWait() throws IOException {
        lookout.look();
        assertThat(selector.selectedKeys()).isEmpty();
        write();
        lookout.look();
        assertThat(selector.selectedKeys()).hasSize(1);
    }

    private volatile Thread waitingThread;

    private CompletableFuture<Void> waiting(long nanos, long awakeNanos) {
        var done = new CompletableFuture<Void>();
        var thread = new Thread(() -> {
            try {
                lookout.await(nanos, awakeNanos);
                done.complete(null);
            } catch (IOException e) {
                done.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        waitingThread = thread;
        thread.start();
        return done;
    }

    private void awaitReadings(long count) {
        while (readings.get() < count) {
            Thread.onSpinWait();
        }
    }

    /** Until the thread that waits is in the selector's own wait, and stays there. */
    private void awaitSleep() {
        long before;
        do {
            before = readings.get();
            Thread.yield();
        } while (!isSelecting() || readings.get() != before);
    }

    private boolean isSelecting() {
        for (StackTraceElement frame : waitingThread.getStackTrace()) {
            if (frame.getMethodName().equals("select")) {
                return true;
            }
        }
        return false;
    }

    private void write() throws IOException {
        pipe.sink().write(ByteBuffer.wrap(new byte[1]));
    }

    private void read() throws IOException {
        pipe.source().read(ByteBuffer.allocate(8));
        selector.selectedKeys().clear();
    }

    /** A selector before whose looks something happens. */
    private static final class LateCaller extends AbstractSelector {
        private final Selector selector;
        private final Runnable before;
        int looks;

        LateCaller(Selector selector, Runnable before) {
            super(selector.provider());
            this.selector = selector;
            this.before = before;
        }

        @Override
        public int selectNow() throws IOException {
            looks++;
            before.run();
            return selector.selectNow();
        }

        @Override
        public int select(long timeout) throws IOException {
            return selector.select(timeout);
        }

        @Override
        public int select() throws IOException {
            return selector.select();
        }

        @Override
        public Selector wakeup() {
            selector.wakeup();
            return this;
        }

        @Override
        public Set<SelectionKey> keys() {
            return selector.keys();
        }

        @Override
        public Set<SelectionKey> selectedKeys() {
            return selector.selectedKeys();
        }

        @Override
        protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
            throw new UnsupportedOperationException();
        }

        @Override
        protected void implCloseSelector() {}
    }
}
