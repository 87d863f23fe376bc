// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.karaf;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A client of the bus from outside. It knows no class of ours: a test that did would be refreshed when Callosum is
 * uninstalled.
 *
 * <p><b>Threads.</b> A thread of its own reads until the connection ends; any thread sends and takes.
 */
final class BusConnection implements AutoCloseable {
    private final SocketChannel channel;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    /** Connects, and comes back when the bus knows it: its own first frame has come back. */
    BusConnection(Path socket) throws IOException, InterruptedException {
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        Thread reader = new Thread(this::read, "test client");
        reader.setDaemon(true);
        reader.start();
        send("{\"tract\":\"test\",\"event\":\"joined\"}");
        next("\"joined\"");
    }

    void send(String json) throws IOException {
        ByteBuffer frame = ByteBuffer.wrap((json + "\n").getBytes(StandardCharsets.UTF_8));
        while (frame.hasRemaining()) {
            channel.write(frame);
        }
    }

    /** The next line that holds a text; what comes before it is forgotten. */
    String next(String text) throws InterruptedException {
        while (true) {
            String line = lines.poll(30, TimeUnit.SECONDS);
            if (line == null) {
                throw new AssertionError("The bus sent nothing with '" + text + "' within 30 s");
            }
            if (line.contains(text)) {
                return line;
            }
        }
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
