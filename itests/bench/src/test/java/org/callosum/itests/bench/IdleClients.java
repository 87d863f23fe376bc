// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Clients that are connected and send nothing. They either never read, or read and forget all that comes. The process ends when its
 * standard input does.
 */
final class IdleClients {
    private IdleClients() {}

    /** The arguments are the socket, the number of clients, and {@code silent} or {@code reading}. */
    public static void main(String[] args) throws IOException {
        UnixDomainSocketAddress bus = UnixDomainSocketAddress.of(args[0]);
        int count = Integer.parseInt(args[1]);
        boolean isReading = args[2].equals("reading");
        Selector selector = Selector.open();
        List<SocketChannel> clients = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            SocketChannel client = SocketChannel.open(bus);
            client.configureBlocking(false);
            client.register(selector, isReading ? SelectionKey.OP_READ : 0);
            clients.add(client);
        }
        Thread reader = new Thread(() -> read(selector), "reader");
        reader.setDaemon(true);
        reader.start();
        System.out.println(clients.size() + " connected");
        while (System.in.read() >= 0) {}
    }

    private static void read(Selector selector) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 18);
        try {
            while (true) {
                selector.select();
                for (SelectionKey key : selector.selectedKeys()) {
                    if (((SocketChannel) key.channel()).read(buffer.clear()) < 0) {
                        key.cancel();
                    }
                }
                selector.selectedKeys().clear();
            }
        } catch (IOException e) {
            System.err.println("A client cannot read: " + e.getMessage());
            System.exit(1);
        }
    }
}
