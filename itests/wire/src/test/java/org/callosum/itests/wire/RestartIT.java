// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.wire;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The bus ends under traffic and comes again, and its clients connect again. The wire has no acknowledgement: a sender knows that
 * a frame was taken when it comes back, and sends the others once more.
 *
 * <ul>
 *   <li>In each of the bus's lives there is one order for all.
 *   <li>When the bus is stopped, whoever was there has all of that life, and with what is sent once more nothing is missing to
 *       anybody. When it is killed, some may have less of that order's end than others.
 * </ul>
 */
@Timeout(500)
class RestartIT {
    private static final int SENDERS = 4;
    private static final int RECEIVERS = 4;
    private static final int FIRST_RECEIVER = 100;

    /** How each life ends, but the last one. */
    private enum End {
        STOPPED,
        KILLED
    }

    private static final List<End> ENDS = List.of(End.STOPPED, End.KILLED, End.STOPPED);
    private static final int LIVES = ENDS.size() + 1;

    /** Frames of each sender in a life, at least. */
    private static final int FRAMES = 2_000;

    private static final int ON_THEIR_WAY = 300;

    private final String tract = "restart-" + UUID.randomUUID();

    /** Open when all receivers have joined a life: what is sent in it reaches all of them. */
    private final List<CountDownLatch> joined = IntStream.range(0, LIVES)
            .mapToObj(life -> new CountDownLatch(RECEIVERS))
            .toList();

    @Test
    void withClientsThatConnectAgainARestartLosesNothing(@TempDir Path folder) throws Exception {
        WireBus.assumeOwn();
        ExecutorService threads = Executors.newCachedThreadPool();
        List<Sender> senders = new ArrayList<>();
        List<Receiver> receivers = new ArrayList<>();
        List<Future<?>> running = new ArrayList<>();
        try (OwnBus bus = new OwnBus(folder, Map.of())) {
            bus.start();
            for (int i = 0; i < RECEIVERS; i++) {
                receivers.add(new Receiver(bus.socket(), FIRST_RECEIVER + i));
            }
            for (int i = 0; i < SENDERS; i++) {
                senders.add(new Sender(bus.socket(), 1 + i));
            }
            receivers.forEach(each -> running.add(threads.submit(each)));
            List<Future<?>> sending = new ArrayList<>();
            senders.forEach(each -> sending.add(threads.submit(each)));

            for (End end : ENDS) {
                awaitTraffic(senders);
                if (end == End.STOPPED) {
                    bus.stop();
                } else {
                    bus.kill();
                }
                bus.start();
            }
            awaitTraffic(senders);
            senders.forEach(Sender::end);
            for (Future<?> each : sending) {
                each.get(240, TimeUnit.SECONDS);
            }
            try (Peer closing = Peer.join(bus.socket())) {
                closing.send(TotalOrderIT.END.toLine(tract));
                closing.sync();
            }
            for (Future<?> each : running) {
                each.get(240, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        for (int life = 0; life < LIVES; life++) {
            checkOrder(receivers, life, life == LIVES - 1 || ENDS.get(life) == End.STOPPED);
        }
        for (Receiver each : receivers) {
            checkNothingIsMissing(each, senders);
        }
    }

    private static void awaitTraffic(List<Sender> senders) throws InterruptedException {
        for (Sender each : senders) {
            each.awaitMore(FRAMES);
        }
    }

    /** Each receiver's frames are what the first one to come has got from that receiver's greeting on. */
    private static void checkOrder(List<Receiver> receivers, int life, boolean isWhole) {
        List<NumberedFrame> longest = receivers.get(0).seen.get(life);
        for (Receiver each : receivers) {
            if (longest.indexOf(each.greeting) < 0 || each.seen.get(life).indexOf(longest.get(0)) > 0) {
                longest = each.seen.get(life);
            }
        }
        for (Receiver each : receivers) {
            List<NumberedFrame> seen = each.seen.get(life);
            int from = longest.indexOf(each.greeting);
            assertThat(from)
                    .as("the greeting of %s in life %d", each.greeting, life)
                    .isNotNegative();
            int common = Math.min(seen.size(), longest.size() - from);
            assertThat(seen.subList(0, common))
                    .as("what %s got in life %d", each.greeting, life)
                    .isEqualTo(longest.subList(from, from + common));
            if (isWhole) {
                assertThat(seen)
                        .as("frames of %s in life %d", each.greeting, life)
                        .hasSize(longest.size() - from);
            }
        }
    }

    /** In no life a gap; and between two lives only where the bus was killed. */
    private static void checkNothingIsMissing(Receiver receiver, List<Sender> senders) {
        Map<Integer, Integer> highest = new HashMap<>();
        for (int life = 0; life < LIVES; life++) {
            boolean mayMiss = life > 0 && ENDS.get(life - 1) == End.KILLED;
            Map<Integer, Integer> inThisLife = new HashMap<>();
            for (NumberedFrame frame : receiver.seen.get(life)) {
                if (frame.number() == 0) {
                    continue; // a greeting, or the end
                }
                Integer before = inThisLife.put(frame.sender(), frame.number());
                if (before != null) {
                    assertThat(frame.number())
                            .as("after %d in life %d", before, life)
                            .isEqualTo(before + 1);
                } else if (!mayMiss) {
                    assertThat(frame.number())
                            .as("the first of sender %d in life %d", frame.sender(), life)
                            .isLessThanOrEqualTo(highest.getOrDefault(frame.sender(), 0) + 1);
                }
            }
            highest.putAll(inThisLife);
        }
        for (Sender each : senders) {
            assertThat(highest).as("the last of each sender").containsEntry(each.number, each.last);
        }
    }

    /** Connects; tries again until somebody listens. */
    private static SocketChannel connect(Path socket) {
        while (true) {
            try {
                return SocketChannel.open(UnixDomainSocketAddress.of(socket));
            } catch (IOException nobodyThere) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new IllegalStateException("The test is over");
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
        }
    }

    private static void write(SocketChannel channel, NumberedFrame frame, String tract) throws IOException {
        ByteBuffer line = ByteBuffer.wrap(frame.toLine(tract));
        while (line.hasRemaining()) {
            channel.write(line);
        }
    }

    /** Writes down, for each life, what it gets from its greeting on. */
    private final class Receiver implements Runnable {
        private final Path socket;
        private final NumberedFrame greeting;
        private final List<List<NumberedFrame>> seen = new ArrayList<>();

        Receiver(Path socket, int number) {
            this.socket = socket;
            this.greeting = new NumberedFrame(number, 0);
        }

        @Override
        public void run() {
            while (seen.size() < LIVES) {
                List<NumberedFrame> inThisLife = new ArrayList<>();
                try (SocketChannel channel = connect(socket)) {
                    write(channel, greeting, tract);
                    NumberedLines lines = new NumberedLines(channel, tract);
                    NumberedFrame frame = lines.next();
                    while (frame != null && !frame.equals(TotalOrderIT.END)) {
                        if (inThisLife.isEmpty() && frame.equals(greeting)) {
                            joined.get(seen.size()).countDown();
                        }
                        if (!inThisLife.isEmpty() || frame.equals(greeting)) {
                            inThisLife.add(frame);
                        }
                        frame = lines.next();
                    }
                } catch (IOException broken) {
                    // The bus was killed, or ended before it had seen this client.
                }
                if (!inThisLife.isEmpty()) {
                    seen.add(inThisLife);
                }
            }
        }
    }

    /**
     * Sends the numbers from 1 on, those that did not come back once more.
     *
     * <p><b>Threads.</b> Its own writes, one more for each connection reads. Guarded by {@code this}.
     */
    private final class Sender implements Runnable {
        private final Path socket;
        private final int number;

        /** The highest that came back: all before it did, too. */
        private int confirmed;

        private boolean isBroken;
        private boolean isToEnd;
        private int last;

        Sender(Path socket, int number) {
            this.socket = socket;
            this.number = number;
        }

        @Override
        public void run() {
            try {
                for (int life = 0; life < LIVES; life++) {
                    joined.get(life).await();
                    try (SocketChannel channel = connect(socket)) {
                        talk(channel);
                    } catch (IOException broken) {
                        // What did not come back is sent in the bus's next life.
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void talk(SocketChannel channel) throws IOException, InterruptedException {
            int next;
            synchronized (this) {
                isBroken = false;
                next = confirmed + 1;
            }
            Thread reader = new Thread(() -> read(channel), "reader of sender " + number);
            reader.start();
            try {
                while (mayWrite(next)) {
                    write(channel, new NumberedFrame(number, next), tract);
                    next++;
                }
                synchronized (this) {
                    last = next - 1;
                    while (!isBroken && confirmed < last) {
                        wait();
                    }
                }
            } finally {
                channel.close();
                reader.join();
            }
        }

        private synchronized boolean mayWrite(int next) throws InterruptedException {
            while (!isBroken && !isToEnd && next - confirmed > ON_THEIR_WAY) {
                wait();
            }
            return !isBroken && !isToEnd;
        }

        private void read(SocketChannel channel) {
            try {
                NumberedLines lines = new NumberedLines(channel, tract);
                for (NumberedFrame frame = lines.next(); frame != null; frame = lines.next()) {
                    if (frame.sender() == number) {
                        confirm(frame.number());
                    }
                }
            } catch (IOException broken) {
                // By the bus, or by the writer at its end.
            }
            synchronized (this) {
                isBroken = true;
                notifyAll();
            }
        }

        private synchronized void confirm(int comeBack) {
            confirmed = Math.max(confirmed, comeBack);
            notifyAll();
        }

        synchronized void awaitMore(int frames) throws InterruptedException {
            int enough = confirmed + frames;
            while (confirmed < enough) {
                wait();
            }
        }

        synchronized void end() {
            isToEnd = true;
            notifyAll();
        }
    }
}
