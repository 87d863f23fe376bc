// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** What a {@link Disturbance} meets in the place of a bus: one loop that lets in, reads and forgets, and writes nothing. */
final class DisturbanceSink {
    private static final int READ_BYTES = 1 << 15;

    private final Path socket;
    private final Runnable whenOpen;

    /** Makes one that says when it can be connected to. */
    DisturbanceSink(Path socket, Runnable whenOpen) {
        this.socket = socket;
        this.whenOpen = whenOpen;
    }

    /** Takes what comes, until its process is killed. */
    void run() throws IOException {
        try (Selector selector = Selector.open();
                ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            listener.configureBlocking(false);
            listener.register(selector, SelectionKey.OP_ACCEPT);
            whenOpen.run();
            ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
            while (true) {
                selector.select(key -> {
                    if (key.isAcceptable()) {
                        letIn(listener, selector);
                    } else {
                        read((SocketChannel) key.channel(), buffer);
                    }
                });
            }
        }
    }

    private static void letIn(ServerSocketChannel listener, Selector selector) {
        try {
            for (SocketChannel client = listener.accept(); client != null; client = listener.accept()) {
                client.configureBlocking(false);
                client.register(selector, SelectionKey.OP_READ);
            }
        } catch (IOException e) {
            System.err.println("The sink lets nobody in: " + e);
        }
    }

    private static void read(SocketChannel client, ByteBuffer buffer) {
        int count;
        try {
            count = client.read(buffer.clear());
        } catch (IOException reset) {
            count = -1;
        }
        if (count < 0) {
            try {
                client.close();
            } catch (IOException e) {
                // It is closed as far as it can be.
            }
        }
    }
}
