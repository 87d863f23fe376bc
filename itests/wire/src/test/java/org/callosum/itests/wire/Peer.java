// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A client as any other program is one: a plain socket, bytes and lines.
 *
 * <p><b>Threads.</b> A thread of its own reads, once it was told to; the test sends, and takes what was read.
 */
final class Peer implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 120;

    /** In place of a line when the bus has closed the connection. */
    private static final String END = new String("end");

    private final SocketChannel channel;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private Peer(SocketChannel channel) {
        this.channel = channel;
    }

    /** Connects, and does not read. */
    static Peer open(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        return new Peer(channel);
    }

    /** Connects, reads, and comes back when the bus has it among its clients: what it sent has come back. */
    static Peer join(Path socket) throws IOException, InterruptedException {
        Peer peer = open(socket);
        try {
            peer.read();
            peer.sync();
            return peer;
        } catch (IOException | RuntimeException | Error e) {
            peer.close();
            throw e;
        }
    }

    /** Begins to read. */
    void read() {
        Thread reader = new Thread(this::readLines, "peer");
        reader.setDaemon(true);
        reader.start();
    }

    /** Sends a frame and takes all that is read until it comes back, which is forgotten. */
    void sync() throws IOException, InterruptedException {
        String mark = "sync-" + UUID.randomUUID();
        send("{\"tract\":\"" + mark + "\",\"event\":\"mark\"}\n");
        until(mark);
    }

    /** Sends this, line breaks and all. */
    void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends this, line breaks and all. */
    void send(byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /** Reads on the calling thread, up to so many bytes; -1 at the end. For one that was not told to read. */
    int readNow(ByteBuffer into) throws IOException {
        return channel.read(into);
    }

    /** Says that it will send no more. */
    void endOutput() throws IOException {
        channel.shutdownOutput();
    }

    /** The lines up to the one that holds the mark, which is the last of them. */
    List<String> until(String mark) throws InterruptedException {
        List<String> before = new ArrayList<>();
        while (true) {
            String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (line == null || line == END) {
                throw new AssertionError((line == null
                                ? "Nothing more came within " + PATIENCE_SECONDS + " s"
                                : "The bus closed the connection")
                        + ", but '" + mark + "' was expected, after " + before.size() + " lines");
            }
            before.add(line);
            if (line.contains(mark)) {
                return before;
            }
        }
    }

    /** Waits until the bus has closed the connection; the lines until then. */
    List<String> untilEnd() throws InterruptedException {
        List<String> before = new ArrayList<>();
        for (String line = null; line != END; ) {
            line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (line == null) {
                throw new AssertionError("The bus did not close the connection within " + PATIENCE_SECONDS + " s");
            }
            if (line != END) {
                before.add(line);
            }
        }
        return before;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private void readLines() {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            while (channel.read(buffer.clear()) >= 0) {
                byte[] bytes = buffer.array();
                int from = 0;
                for (int i = 0; i < buffer.position(); i++) {
                    if (bytes[i] == '\n') {
                        line.write(bytes, from, i - from);
                        lines.add(text(line.toByteArray()));
                        line.reset();
                        from = i + 1;
                    }
                }
                line.write(bytes, from, buffer.position() - from);
            }
        } catch (IOException closed) {
            // By the test, or by the bus: the end either way.
        }
        lines.add(END);
    }

    /** What no client of the original could decode is a fault of the bus. */
    private static String text(byte[] line) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line))
                    .toString();
        } catch (CharacterCodingException e) {
            return "not UTF-8: " + new String(line, StandardCharsets.ISO_8859_1);
        }
    }
}
