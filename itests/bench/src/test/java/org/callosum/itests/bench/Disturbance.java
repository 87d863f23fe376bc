// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Something that a client does to a bus, until its process is killed. */
enum Disturbance {
    SLOW_READER("a reader of 64 KiB/s", socket -> {
        SocketChannel reader = connect(socket);
        ByteBuffer buffer = ByteBuffer.allocate(6_400);
        while (reader.read(buffer.clear()) >= 0) {
            sleepMillis(100);
        }
    }),
    STOPPED_READER("a reader that stops to read for good", socket -> {
        SocketChannel reader = connect(socket);
        for (int read = 0; read < 1_000_000; ) {
            read += reader.read(ByteBuffer.allocate(1 << 16));
        }
        LockSupport.park();
    }),
    ENDLESS_LINE("a sender that never ends a line, at full speed", socket -> {
        flood(socket, "x".repeat(1 << 16));
    }),
    INVALID_FRAMES("a sender of invalid frames of 1 KB, at full speed", socket -> {
        flood(socket, ("{\"tract\":\"a\"" + "x".repeat(1_000) + "\n").repeat(64));
    }),
    CONNECTS("1,000 connects a second", socket -> {
        every(1_000_000, () -> connect(socket).close());
    }),
    HALF_CLOSED("100 clients a second that take nothing more and send on, for 5 s each", socket -> {
        List<SocketChannel> clients = new ArrayList<>();
        every(10_000_000, () -> {
            SocketChannel client = connect(socket);
            client.shutdownInput();
            clients.add(client);
            write(client, "{\"tract\":\"half\",\"event\":\"closed\"}\n");
            if (clients.size() > 500) {
                clients.remove(0).close();
            }
        });
    }),
    KILLED("100 clients a second that are gone in the middle of a frame", socket -> {
        every(10_000_000, () -> {
            SocketChannel client = connect(socket);
            write(client, "{\"tract\":\"killed\",\"event\":\"h");
            client.close();
        });
    }),
    BYTE_A_SECOND("200 clients that send a byte a second each", socket -> {
        List<SocketChannel> clients = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            clients.add(connect(socket));
        }
        for (int i = 0; ; i++) {
            write(clients.get(i % clients.size()), "x");
            sleepMillis(1_000 / clients.size());
        }
    }),
    LONG_FRAMES("a frame of 16 MiB every second", socket -> {
        SocketChannel client = connect(socket);
        String head = "{\"tract\":\"long\",\"event\":\"frame\",\"pad\":\"";
        byte[] frame =
                (head + "x".repeat((16 << 20) - head.length() - 2) + "\"}\n").getBytes(StandardCharsets.US_ASCII);
        drain(client);
        every(1_000_000_000, () -> write(client, ByteBuffer.wrap(frame)));
    }),
    DESCRIPTORS("more clients than there are file descriptors", socket -> {
        List<SocketChannel> clients = new ArrayList<>();
        for (int i = 0; i < 1_100; i++) {
            SocketChannel client = connect(socket);
            client.shutdownInput(); // a thousand readers of each message would be another disturbance
            clients.add(client);
        }
        LockSupport.park();
    }),
    FILE_DELETED("the socket file is deleted every second", socket -> {
        every(1_000_000_000, () -> Files.deleteIfExists(socket));
    }),
    LOG_DISK_FULL("the log's disk is full, and 100 clients send an invalid frame a second each", socket -> {
        List<SocketChannel> clients = new ArrayList<>();
        for (int i = 0; i < 100; i++) { // of each one may be logged a second, and five of all
            clients.add(connect(socket));
        }
        for (int i = 0; ; i++) {
            write(clients.get(i % clients.size()), "x\n");
            sleepMillis(10);
        }
    });

    /** What is done to the bus on a socket. */
    @FunctionalInterface
    private interface Act {
        void on(Path socket) throws IOException;
    }

    @FunctionalInterface
    private interface Step {
        void run() throws IOException;
    }

    /** What it is, for the table. */
    final String label;

    private final Act act;

    Disturbance(String label, Act act) {
        this.label = label;
        this.act = act;
    }

    /** Does it, for ever. */
    void run(Path socket) throws IOException {
        act.on(socket);
    }

    private static void flood(Path socket, String text) throws IOException {
        SocketChannel client = connect(socket);
        drain(client);
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        while (true) {
            write(client, ByteBuffer.wrap(bytes));
        }
    }

    static SocketChannel connect(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        return channel;
    }

    /** Reads and forgets what comes. */
    private static void drain(SocketChannel channel) {
        Thread thread = new Thread(() -> {
            ByteBuffer sink = ByteBuffer.allocate(1 << 16);
            try {
                while (channel.read(sink.clear()) >= 0) {}
            } catch (IOException closed) {
                // with its process
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static void write(SocketChannel channel, String text) throws IOException {
        write(channel, ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    private static void write(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static void every(long nanos, Step step) throws IOException {
        long due = System.nanoTime();
        while (true) {
            step.run();
            due += nanos;
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
        }
    }

    private static void sleepMillis(long millis) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }
}
