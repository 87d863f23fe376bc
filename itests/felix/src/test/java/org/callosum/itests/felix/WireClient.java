// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.felix;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.callosum.api.Message;

/**
 * A client of the bus as any other program is one.
 *
 * <p><b>Threads.</b> A thread of its own reads; the test sends, and takes what was read.
 */
final class WireClient implements AutoCloseable {
    private final SocketChannel channel;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private WireClient(SocketChannel channel) {
        this.channel = channel;
        Thread reader = new Thread(this::read, "test client");
        reader.setDaemon(true);
        reader.start();
    }

    /** Connects, and comes back when the bus knows it: its own first frame has come back. */
    static WireClient join(Path socket) throws IOException, InterruptedException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        WireClient client = new WireClient(channel);
        String name = Integer.toHexString(System.identityHashCode(client));
        client.send("{\"tract\":\"test\",\"event\":\"joined\",\"who\":\"" + name + "\"}");
        Message heard = client.next();
        while (!heard.string("who").equals(Optional.of(name))) {
            heard = client.next();
        }
        return client;
    }

    void send(String json) throws IOException {
        ByteBuffer frame = ByteBuffer.wrap((json + "\n").getBytes(StandardCharsets.UTF_8));
        while (frame.hasRemaining()) {
            channel.write(frame);
        }
    }

    /** The next line. */
    String nextLine() throws InterruptedException {
        String line = lines.poll(TestFramework.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (line == null) {
            throw new AssertionError("The bus sent nothing within " + TestFramework.PATIENCE);
        }
        return line;
    }

    /** The next message. */
    Message next() throws InterruptedException {
        return Message.parse(nextLine());
    }

    /** The next message of a tract; what comes before it is forgotten. */
    Message next(String tract) throws InterruptedException {
        Message message = next();
        while (!message.tract().equals(tract)) {
            message = next();
        }
        return message;
    }

    List<String> nextLines(int count) throws InterruptedException {
        List<String> next = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            next.add(nextLine());
        }
        return next;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private void read() {
        try (BufferedReader reader = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
            }
        } catch (IOException closed) {
            // By the test, or by the bus that stopped: whoever waits for a line says so.
        }
    }
}
