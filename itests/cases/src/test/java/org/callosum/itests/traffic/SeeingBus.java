// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.traffic;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A bus with one client and one handler, {@code a}: sends each frame back, and behind each event a sighting.
 *
 * <p><b>Threads.</b> One of its own serves the client.
 */
final class SeeingBus implements AutoCloseable {
    private static final Pattern SENT =
            Pattern.compile("\\{\"tract\":\"numbered\",\"event\":\"sent\",\"n\":([0-9]+),\"t\":(-?[0-9]+),.*}");

    private final ServerSocketChannel server;
    private volatile SocketChannel client;

    SeeingBus(Path socket) throws IOException {
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        Thread thread = new Thread(this::serve, "seeing bus");
        thread.setDaemon(true);
        thread.start();
    }

    /** Ends the connection, as a bus does that stops. */
    void throwOff() throws IOException {
        client.close();
    }

    @Override
    public void close() throws IOException {
        server.close();
        if (client != null) {
            client.close();
        }
    }

    private void serve() {
        try {
            client = server.accept();
            BufferedReader lines = new BufferedReader(Channels.newReader(client, StandardCharsets.ISO_8859_1));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                StringBuilder answer = new StringBuilder(line).append('\n');
                Matcher sent = SENT.matcher(line);
                if (sent.matches()) {
                    answer.append("{\"tract\":\"numbered\",\"event\":\"seen\",\"by\":\"a\",\"version\":\"1.0.0\",")
                            .append("\"setting\":\"\",\"instance\":1,\"n\":" + sent.group(1) + ",\"t\":")
                            .append(sent.group(2) + ",\"ts\":1}\n");
                }
                ByteBuffer bytes = ByteBuffer.wrap(answer.toString().getBytes(StandardCharsets.ISO_8859_1));
                while (bytes.hasRemaining()) {
                    client.write(bytes);
                }
            }
        } catch (IOException closed) {
            // By the test, or by the client that went.
        }
    }
}
