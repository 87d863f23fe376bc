// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A client as any other program has one: blocking, and as dumb as it can be. */
public final class WireClient implements AutoCloseable {
    private final SocketChannel channel;
    private final InputStream in;

    private WireClient(SocketChannel channel) {
        this.channel = channel;
        this.in = new BufferedInputStream(Channels.newInputStream(channel), 1 << 16);
    }

    public static WireClient connect(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        return new WireClient(channel);
    }

    /** Connects, and comes back when the server knows it: its own first frame has come back. */
    public static WireClient join(Path socket) throws IOException {
        WireClient client = connect(socket);
        client.hello();
        return client;
    }

    /** Sends a frame of its own and reads until it is back. */
    public void hello() throws IOException {
        String hello =
                "{\"tract\":\"test\",\"event\":\"hello\",\"ts\":0,\"who\":" + System.identityHashCode(this) + "}";
        send(hello);
        String line = readLine();
        while (!hello.equals(line)) {
            if (line == null) {
                throw new IOException("The server closed the connection");
            }
            line = readLine();
        }
    }

    /** Sends one frame with its line break. */
    public void send(String frame) throws IOException {
        write((frame + "\n").getBytes(StandardCharsets.UTF_8));
    }

    void write(byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /** The next line without its break; {@code null} at the end. A last line without a break is given as it is. */
    public String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                return line.size() == 0 ? null : line.toString(StandardCharsets.UTF_8);
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    public List<String> readLines(int count) throws IOException {
        List<String> lines = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            lines.add(readLine());
        }
        return lines;
    }

    /** Reads and forgets whatever comes, on a thread of its own, until the connection ends. */
    public WireClient drain() {
        Thread thread = new Thread(
                () -> {
                    byte[] sink = new byte[1 << 16];
                    try {
                        while (in.read(sink) >= 0) {}
                    } catch (IOException closed) {
                        // the end of the test
                    }
                },
                "test-drain");
        thread.setDaemon(true);
        thread.start();
        return this;
    }

    void endSending() throws IOException {
        channel.shutdownOutput();
    }

    SocketChannel channel() {
        return channel;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
