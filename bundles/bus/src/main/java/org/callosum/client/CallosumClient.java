// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import org.callosum.api.Callosum;
import org.callosum.api.Emission;
import org.callosum.api.EmitRefusedException;
import org.callosum.api.GapListener;
import org.callosum.api.KeyValues;
import org.callosum.api.Message;
import org.callosum.bus.BusClient;
import org.callosum.bus.ClientSettings;
import org.callosum.bus.Log;
import org.callosum.bus.SystemLog;
import org.callosum.transport.TransportStatus;

/**
 * A client of the bus for a plain Java program.
 *
 * <pre>{@code
 * try (CallosumClient bus = CallosumClient.builder().build()) {
 *     bus.listen("door", "opened", message -> bus.emit("greeter", "greeted", Map.of("text", "Hello")));
 *     bus.connect();
 *     …
 * }
 * }</pre>
 *
 * <p><b>The connection.</b> {@link #connect()} does not wait for the bus: it is tried until it is there, and again when it is
 * lost, at times that double (100 ms to 5 s unless built otherwise). What is emitted meanwhile is kept, in order.
 *
 * <p><b>Listening.</b> The socket is always read, whatever listeners do. What they have not taken yet waits, up to 64 MiB
 * unless built otherwise; when that is full, what comes is given up, counted, logged and told as a
 * {@link org.callosum.api.Gap} in the place of what is missing. So is what others sent while the bus was away. A frame
 * longer than {@link Builder#maxFrameBytes} is counted and logged alone.
 *
 * <p><b>Emitting.</b> Never waits. A message is handed to the bus or kept, and where neither can be, {@link #emit} says so
 * at once with an {@link EmitRefusedException}; {@link #flush} waits for room. What had gone out but was not read when
 * the bus died is lost: the wire has no acknowledgement. Who has to know listens for his own message.
 *
 * <p><b>Threads.</b> Every method may be called by any thread, and by a listener. A client has two threads, both daemons:
 * one for the connection, and one that calls all listeners.
 *
 * <p>It logs to the {@link System.Logger} {@value #LOGGER}.
 */
public final class CallosumClient implements Callosum, AutoCloseable {
    /** Listens to every tract, or to every event. */
    public static final String ANY = "*";

    /** The name of its logger. */
    public static final String LOGGER = "org.callosum.client";

    private static final String JOURNAL_VARIABLE = "SOLSTONE_JOURNAL";
    private static final Path SOCKET_IN_JOURNAL = Path.of("health", "callosum.sock");

    /** What a listener has left to end in after it was interrupted. */
    private static final long INTERRUPTED_MILLIS = TimeUnit.SECONDS.toMillis(1);

    private final Log log = new SystemLog(LOGGER);
    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
    private final long closeMillis;
    private final ListenQueue queue;
    private final ListenerLoop loop;
    private final BusClient bus;

    /** Released when the client is closed, but for a listener that closes it and has not returned. */
    private final CountDownLatch closed = new CountDownLatch(1);

    /** Guards what follows; held for no longer than it takes to start. */
    private final Object lifecycle = new Object();

    /** Calls the listeners; {@code null} before it was connected. */
    private Thread listening;

    private boolean isClosing;

    private CallosumClient(Builder builder) {
        closeMillis = builder.closeTimeout.toMillis();
        queue = new ListenQueue(this::isWanted, builder.listenBytes, log);
        loop = new ListenerLoop(queue, () -> subscriptions, builder.gapListener, builder.connectionListener, log);
        bus = new BusClient(
                builder.socket == null ? defaultSocket() : builder.socket,
                new ClientSettings(
                        builder.maxFrameBytes,
                        builder.queueMessages,
                        builder.queueBytes,
                        builder.reconnectFirst,
                        builder.reconnectLongest),
                () -> ThreadLocalRandom.current().nextDouble(),
                queue,
                log);
        bus.attach(queue);
    }

    /** Builds a client. Without another word it is one for the bus on the {@linkplain #defaultSocket() default socket}. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Where the bus is if nobody says otherwise: {@code $SOLSTONE_JOURNAL/health/callosum.sock}, else
     * {@code journal/health/callosum.sock} under the working folder.
     */
    public static Path defaultSocket() {
        String variable = System.getenv(JOURNAL_VARIABLE);
        return socketOf(Path.of(variable == null || variable.isEmpty() ? "journal" : variable));
    }

    private static Path socketOf(Path journal) {
        return journal.resolve(SOCKET_IN_JOURNAL);
    }

    private boolean isWanted(String tract, String event) {
        for (Subscription subscription : subscriptions) {
            if (subscription.matches(tract, event)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Listens, from now on and until the client is closed. Who does before {@link #connect()} misses nothing that comes.
     *
     * @param tract the tract, compared whole and case-sensitively, or {@link #ANY}
     * @param event the event, likewise
     * @param listener takes each message that has both. A listener that was added several times is called as often
     * @return this client
     */
    public CallosumClient listen(String tract, String event, MessageListener listener) {
        subscriptions.add(new Subscription(tract, event, listener));
        return this;
    }

    /**
     * Begins to connect, and returns at once: that no bus is there is no error.
     *
     * @return this client
     * @throws IllegalStateException if it was called before, or the client is closed
     * @throws UncheckedIOException if the process may open no more files
     */
    public CallosumClient connect() {
        synchronized (lifecycle) {
            if (isClosing) {
                throw new IllegalStateException("The client is closed: build another");
            }
            if (listening != null) {
                throw new IllegalStateException("The client is connected once, and again by itself");
            }
            try {
                bus.start();
            } catch (IOException e) {
                throw new UncheckedIOException("The client cannot connect: " + e.getMessage(), e);
            }
            listening = new Thread(loop, "callosum-client-listener");
            listening.setDaemon(true); // a program ends when it wants to
            listening.start();
        }
        return this;
    }

    /**
     * Waits until the bus is there.
     *
     * @return whether it is; {@code false} if the time was up before, or the client was closed
     * @throws InterruptedException if the thread was interrupted
     */
    public boolean awaitConnected(Duration atMost) throws InterruptedException {
        return queue.awaitConnected(bounded(atMost).toNanos());
    }

    /** Whether the bus is there now. */
    public boolean isConnected() {
        return queue.isConnected();
    }

    @Override
    public Emission emit(Message message) {
        return bus.send(message);
    }

    /**
     * Waits until all that was emitted before has been written to the bus, as one does that emits more than is kept, and
     * before {@link #close()} where two seconds might not be enough.
     *
     * @return whether it was; {@code false} if the time was up before, or the client was closed
     * @throws InterruptedException if the thread was interrupted
     */
    public boolean flush(Duration atMost) throws InterruptedException {
        return bus.flush(bounded(atMost));
    }

    /** So long that it is no bound, and yet a number of nanoseconds. */
    private static Duration bounded(Duration time) {
        Duration longest = Duration.ofDays(365);
        return time.compareTo(longest) > 0 ? longest : time;
    }

    /**
     * How it stands now. Beside what a transport counts: {@code listenMessages} and {@code listenBytes} wait for the
     * listeners, {@code gaveUp} found no room there, and a listener has thrown {@code listenerFailures} times.
     */
    public TransportStatus status() {
        TransportStatus status = bus.status();
        Map<String, Long> counters = new LinkedHashMap<>(status.counters());
        counters.put("gaveUp", queue.givenUp());
        counters.put("listenMessages", queue.messages());
        counters.put("listenBytes", queue.bytes());
        counters.put("listenerFailures", loop.failures());
        return new TransportStatus(status.mode(), status.address(), status.up(), counters);
    }

    /**
     * Closes the client; does nothing more if it is closed. Listeners are called no more, and what waited for them is
     * dropped. The call under way is waited for, up to the {@linkplain Builder#closeTimeout time to close}, and then
     * interrupted. What was emitted, and by that call too, is sent if the bus takes it within two seconds; what it does not is
     * given up and logged. Then both threads have ended.
     *
     * <p>A listener that closes its own client is not waited for: its thread ends when it returns. A listener that ignores
     * its interrupt is left behind after another second, which is logged with where it is. A thread that is interrupted
     * closes the client without waiting for anything, and stays interrupted.
     */
    @Override
    public void close() {
        Thread thread;
        boolean isFirst;
        synchronized (lifecycle) {
            thread = listening;
            isFirst = !isClosing;
            isClosing = true;
        }
        boolean isListener = Thread.currentThread() == thread;
        if (isFirst) {
            long unheard = queue.close();
            if (unheard > 0) {
                log.info(
                        "{} messages that waited for the listeners are dropped: the client is closed{}",
                        unheard,
                        messages(unheard));
            }
            if (thread != null && !isListener) {
                end(thread);
            }
            bus.detach(queue);
            sayUnsent(thread == null);
            bus.stop();
            closed.countDown();
        } else if (!isListener) {
            awaitClosed(thread);
        }
    }

    private void end(Thread thread) {
        try {
            thread.join(Math.max(1, closeMillis)); // 0 would be for ever
            if (thread.isAlive()) {
                thread.interrupt();
                thread.join(INTERRUPTED_MILLIS);
            }
            if (thread.isAlive()) {
                StackTraceElement[] stack = thread.getStackTrace();
                Object place = stack.length == 0 ? "its end" : stack[0];
                log.error(
                        "A listener has not ended {} ms after it was interrupted: its thread is left behind, at {}{}",
                        INTERRUPTED_MILLIS,
                        place,
                        KeyValues.of("waited_ms", INTERRUPTED_MILLIS).and("at", place));
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
    }

    /** The loop says it itself, if there was one. */
    private void sayUnsent(boolean wasNeverConnected) {
        long unsent = wasNeverConnected ? bus.status().counters().get("queued") : 0;
        if (unsent > 0) {
            log.warn(
                    "{} messages are given up: the client is closed, and was never connected{}",
                    unsent,
                    messages(unsent));
        }
    }

    private static KeyValues messages(long count) {
        return KeyValues.of("messages", count);
    }

    /** Waits for another thread that closes this client, for as long as that may take. */
    private void awaitClosed(Thread thread) {
        try {
            long most = closeMillis + INTERRUPTED_MILLIS + BusClient.END_MILLIS;
            if (closed.await(most, TimeUnit.MILLISECONDS) && thread != null) {
                thread.join(Math.max(1, closeMillis));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Says what a client shall be like. Each setting has a default.
     *
     * <p><b>Threads.</b> Used by one thread.
     */
    public static final class Builder {
        private static final long DEFAULT_LISTEN_BYTES = 64L * 1024 * 1024;

        private Path socket;
        private int maxFrameBytes = ClientSettings.DEFAULT.maxFrameBytes();
        private int queueMessages = ClientSettings.DEFAULT.queueMessages();
        private long queueBytes = ClientSettings.DEFAULT.queueBytes();
        private Duration reconnectFirst = ClientSettings.DEFAULT.reconnectFirst();
        private Duration reconnectLongest = ClientSettings.DEFAULT.reconnectLongest();
        private long listenBytes = DEFAULT_LISTEN_BYTES;
        private Duration closeTimeout = Duration.ofSeconds(5);
        private GapListener gapListener = gap -> {};
        private ConnectionListener connectionListener = new ConnectionListener() {};

        private Builder() {}

        /** The bus's socket, wherever it is. */
        public Builder socket(Path path) {
            socket = Objects.requireNonNull(path, "socket");
            return this;
        }

        /** The journal whose bus is meant: its socket is {@code health/callosum.sock} in there. */
        public Builder journal(Path folder) {
            socket = socketOf(folder);
            return this;
        }

        /** The longest message that is emitted or taken, in bytes of its JSON text; 64 to 1 GiB, 16 MiB unless said otherwise. */
        public Builder maxFrameBytes(int bytes) {
            maxFrameBytes = bytes;
            return this;
        }

        /** How many emitted messages may wait for the bus; 10,000 unless said otherwise. */
        public Builder queueMessages(int messages) {
            queueMessages = messages;
            return this;
        }

        /** How many bytes those may have together; 16 MiB unless said otherwise. One message always fits. */
        public Builder queueBytes(long bytes) {
            queueBytes = bytes;
            return this;
        }

        /**
         * How many bytes of what came may wait for the listeners, {@value ListenQueue#OVERHEAD_BYTES} for each message
         * included; 64 MiB unless said otherwise. One message always fits.
         */
        public Builder listenBytes(long bytes) {
            listenBytes = bytes;
            return this;
        }

        /**
         * How long to wait before the next attempt to connect.
         *
         * @param first after the first attempt, 1 ms or more; 100 ms unless said otherwise
         * @param longest what it doubles to, not less; 5 s unless said otherwise
         */
        public Builder reconnect(Duration first, Duration longest) {
            reconnectFirst = Objects.requireNonNull(first, "first");
            reconnectLongest = Objects.requireNonNull(longest, "longest");
            return this;
        }

        /** How long {@link CallosumClient#close()} waits for a listener before it interrupts it; 5 s unless said otherwise. */
        public Builder closeTimeout(Duration time) {
            closeTimeout = Objects.requireNonNull(time, "closeTimeout");
            return this;
        }

        /**
         * Who is told of what listeners missed, in the place of what is missing. Called where they are; whatever it throws
         * is logged and counted.
         */
        public Builder onGap(GapListener listener) {
            gapListener = Objects.requireNonNull(listener, "onGap");
            return this;
        }

        /** Who is told when the connection begins and ends. */
        public Builder onConnection(ConnectionListener listener) {
            connectionListener = Objects.requireNonNull(listener, "onConnection");
            return this;
        }

        /**
         * Builds a client that does not connect yet.
         *
         * @throws IllegalArgumentException if a setting is out of its range, or the socket's path is too long
         */
        public CallosumClient build() {
            if (listenBytes < 1) {
                throw new IllegalArgumentException(
                        "Setting 'listenBytes' is " + listenBytes + ": give a number of bytes, 1 or more");
            }
            if (closeTimeout.isNegative() || closeTimeout.compareTo(Duration.ofDays(1)) > 0) {
                throw new IllegalArgumentException(
                        "Setting 'closeTimeout' is " + closeTimeout + ": give a time from 0 to a day");
            }
            return new CallosumClient(this);
        }
    }
}
