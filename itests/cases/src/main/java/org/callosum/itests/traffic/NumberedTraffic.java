// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.traffic;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * A client of the bus, as any other program is one, that sends numbered events and tells what handlers say of them.
 *
 * <p>Events are due at an even pace and sent once a millisecond, those that are due by then in one piece. Each has the time
 * at which its millisecond was due: when the bus makes the sender wait, that counts as latency.
 *
 * <p><b>Threads.</b> A thread of its own sends; another reads, always, because the bus throws off who does not. One test
 * thread calls the methods.
 */
public final class NumberedTraffic implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final int TICKS_PER_SECOND = 1_000;
    private static final long TICK_NANOS = 1_000_000_000L / TICKS_PER_SECOND;
    private static final String JOINED = "{\"tract\":\"numbered\",\"event\":\"joined\",\"who\":\"%s\"}\n";

    /** So that a frame is about as long as those of a journal's real events. */
    private static final String PADDING = ",\"padding\":\"" + "x".repeat(80) + "\"}\n";

    private final SocketChannel channel;
    private final Consumer<Sighting> sightings;
    private final CountDownLatch joined = new CountDownLatch(1);
    private final String name = Long.toHexString(System.nanoTime());
    private final Thread reader;

    /** Written by whoever sends: the sending thread while it runs, else the test's. */
    private volatile long last;

    private volatile boolean sending;
    private volatile IOException failure;
    private Thread sender;

    private NumberedTraffic(SocketChannel channel, long last, Consumer<Sighting> sightings) {
        this.channel = channel;
        this.last = last;
        this.sightings = sightings;
        reader = new Thread(this::read, "numbered traffic in");
        reader.setDaemon(true);
        reader.start();
    }

    /** Connects to the bus at this socket; the first number will be 1. Comes back when the bus knows it. */
    public static NumberedTraffic connect(Path socket, Consumer<Sighting> sightings)
            throws IOException, InterruptedException {
        return connect(socket, 0, sightings);
    }

    /** The same; the first number will be the one behind that. */
    public static NumberedTraffic connect(Path socket, long last, Consumer<Sighting> sightings)
            throws IOException, InterruptedException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        NumberedTraffic traffic = new NumberedTraffic(channel, last, sightings);
        traffic.write(String.format(JOINED, traffic.name));
        if (!traffic.joined.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            traffic.close();
            throw new IOException("The bus at " + socket + " did not send back a first frame within " + PATIENCE);
        }
        return traffic;
    }

    /**
     * Begins to send.
     *
     * @param perSecond how many events a second, from 1 to what the bus takes
     */
    public void start(int perSecond) {
        if (sending) {
            throw new IllegalStateException("The traffic flows already: stop it first");
        }
        sending = true;
        sender = new Thread(() -> send(perSecond), "numbered traffic out");
        sender.setDaemon(true);
        sender.start();
    }

    /**
     * Ends to send.
     *
     * @return the number that was sent last
     * @throws IllegalStateException if the bus has ended the connection
     */
    public long stop() throws InterruptedException {
        sending = false;
        if (sender != null) {
            sender.join();
            sender = null;
        }
        if (failure != null) {
            throw new IllegalStateException("The bus ended the connection behind number " + last, failure);
        }
        return last;
    }

    /** Sends one event, while no others are sent, and gives its number. */
    public long sendOne() throws IOException {
        write(event(last + 1, System.nanoTime()));
        return ++last;
    }

    /** The number that was sent last; that of the traffic under way is behind it in a moment. */
    public long last() {
        return last;
    }

    /** Waits until the bus has ended the connection. */
    public void awaitEnd() throws InterruptedException {
        reader.join();
    }

    /** Ends the connection; both threads end soon. */
    @Override
    public void close() throws IOException {
        sending = false;
        channel.close();
    }

    private void send(int perSecond) {
        long start = System.nanoTime();
        long before = last;
        StringBuilder batch = new StringBuilder();
        try {
            for (long tick = 1; sending; tick++) {
                long time = start + tick * TICK_NANOS;
                parkUntil(time);
                long due = before + tick * perSecond / TICKS_PER_SECOND;
                if (due > last) {
                    batch.setLength(0);
                    for (long n = last + 1; n <= due; n++) {
                        batch.append(event(n, time));
                    }
                    write(batch.toString());
                    last = due;
                }
            }
        } catch (IOException e) {
            failure = e;
        }
    }

    private static void parkUntil(long time) {
        for (long left = time - System.nanoTime(); left > 0; left = time - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static String event(long n, long t) {
        return "{\"tract\":\"numbered\",\"event\":\"sent\",\"n\":" + n + ",\"t\":" + t + PADDING;
    }

    private void write(String frames) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(frames.getBytes(StandardCharsets.ISO_8859_1));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(Channels.newReader(channel, StandardCharsets.ISO_8859_1), 262_144)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (joined.getCount() > 0 && line.contains(name)) {
                    joined.countDown();
                }
                Sighting.read(line).ifPresent(sightings);
            }
            failure = new IOException("The bus closed the connection");
        } catch (IOException | UncheckedIOException e) {
            failure = new IOException("The connection broke", e);
        }
    }
}
