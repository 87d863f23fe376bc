// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

import org.callosum.api.CallosumEventHandler;
import org.callosum.api.EventContext;

/**
 * A handler that counts its calls, and hangs in them if it is to.
 *
 * <p><b>Threads.</b> It gets one event at a time. Who asks for its numbers waits until no event is under way.
 */
final class HangingHandler implements CallosumEventHandler {
    /** In which of its calls a handler hangs. */
    enum Hang {
        NEVER,
        /** In the first one. */
        ONCE,
        ALWAYS
    }

    /** What holds the handlers that hang. */
    static final class Gate {
        private final CountDownLatch open = new CountDownLatch(1);
        private final Queue<Thread> hung = new ConcurrentLinkedQueue<>();
        private final AtomicLong firstNanos = new AtomicLong();

        /** Where a handler hangs: what its stack has to show. */
        private void hang() throws InterruptedException {
            firstNanos.compareAndSet(0, System.nanoTime());
            hung.add(Thread.currentThread());
            open.await();
        }

        static boolean isPlaceOf(StackTraceElement frame) {
            return frame.getClassName().equals(Gate.class.getName())
                    && frame.getMethodName().equals("hang");
        }

        /** How many calls hang. */
        int hung() {
            return hung.size();
        }

        /** When the first one began to; 0 if none has. */
        long firstNanos() {
            return firstNanos.get();
        }

        /** Lets them go, and waits for the end of their threads, which were written off. */
        void open() {
            open.countDown();
            try {
                for (Thread thread : hung) {
                    thread.join();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Interrupted: threads of hung handlers may be left", e);
            }
        }
    }

    private final Gate gate;
    private Hang hang;
    private long calls;

    HangingHandler(Gate gate, Hang hang) {
        this.gate = gate;
        this.hang = hang;
    }

    @Override
    public void handle(EventContext context) throws InterruptedException {
        calls++;
        if (hang != Hang.NEVER) {
            if (hang == Hang.ONCE) {
                hang = Hang.NEVER;
            }
            gate.hang();
        }
    }

    long calls() {
        return calls;
    }
}
