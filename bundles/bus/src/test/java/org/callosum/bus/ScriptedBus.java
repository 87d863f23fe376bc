// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A server that does what a test says, and breaks off when it says so. Serves one client at a time. */
final class ScriptedBus implements AutoCloseable {
    private final Path socket;
    private final ServerSocketChannel listener;
    private SocketChannel client;

    ScriptedBus(Path socket) throws IOException {
        this.socket = socket;
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(socket));
    }

    void accept() throws IOException {
        client = listener.accept();
    }

    void write(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            client.write(bytes);
        }
    }

    /** Reads exactly so many bytes. */
    String read(int count) throws IOException {
        return new String(Channels.newInputStream(client).readNBytes(count), StandardCharsets.UTF_8);
    }

    String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        for (String next = read(1); !next.equals("\n"); next = read(1)) {
            if (next.isEmpty()) {
                return line.isEmpty() ? null : line.toString();
            }
            line.append(next);
        }
        return line.toString();
    }

    void hangUp() throws IOException {
        client.close();
    }

    /** Dies as a killed process does: nobody listens, and the socket file stays. */
    @Override
    public void close() throws IOException {
        listener.close();
        if (client != null) {
            client.close();
        }
    }

    void removeFile() throws IOException {
        Files.delete(socket);
    }
}
