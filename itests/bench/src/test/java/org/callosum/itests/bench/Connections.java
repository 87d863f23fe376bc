// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What many connections that do nothing cost a bus: heap, and the time until each has one message. What
 * {@code itests/bench/connections} starts; it needs no class beside its own.
 */
final class Connections {
    /** An event that no other message has a character of. */
    private static final String MARK = "#";

    private Connections() {}

    /**
     * Measures.
     *
     * @param arguments the bus's socket, its process id, and how many connections
     */
    public static void main(String... arguments) throws Exception {
        UnixDomainSocketAddress socket = UnixDomainSocketAddress.of(arguments[0]);
        String pid = arguments[1];
        int count = Integer.parseInt(arguments[2]);
        List<SocketChannel> all = new ArrayList<>();
        try (Selector selector = Selector.open();
                SocketChannel sender = SocketChannel.open(socket)) {
            say(sender, "warm");
            long before = heapBytes(pid);
            long begin = System.nanoTime();
            for (int i = 0; i < count; i++) {
                SocketChannel channel = SocketChannel.open(socket);
                channel.configureBlocking(false);
                channel.register(selector, SelectionKey.OP_READ);
                all.add(channel);
            }
            awaitLetIn(all.get(count - 1), sender);
            long connected = System.nanoTime();
            say(sender, MARK);
            awaitEach(selector, count);
            long reached = System.nanoTime();
            long after = heapBytes(pid);
            System.out.printf(
                    Locale.ROOT,
                    "| %,d | %,d | %,.0f | %,.1f |%n",
                    count,
                    (after - before) / count,
                    count / ((connected - begin) / 1e9),
                    (reached - connected) / 1e6);
        } finally {
            for (SocketChannel channel : all) {
                channel.close();
            }
        }
    }

    /** Says something until the last connection hears it: they are let in one after the other. */
    private static void awaitLetIn(SocketChannel last, SocketChannel sender) throws IOException {
        try (Selector one = Selector.open()) {
            last.register(one, SelectionKey.OP_READ);
            while (one.select(20) == 0) {
                say(sender, "more");
            }
        }
    }

    private static void say(SocketChannel sender, String what) throws IOException {
        sender.write(ByteBuffer.wrap(
                ("{\"tract\":\"bench\",\"event\":\"" + what + "\"}\n").getBytes(StandardCharsets.US_ASCII)));
    }

    /** Waits until each channel has read the mark. */
    private static void awaitEach(Selector selector, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 12);
        int read = 0;
        while (read < count) {
            selector.select();
            for (SelectionKey key : selector.selectedKeys()) {
                buffer.clear();
                if (((SocketChannel) key.channel()).read(buffer) < 0) {
                    throw new IOException("The bus closed a connection");
                }
                for (int i = 0; i < buffer.position(); i++) {
                    read += buffer.get(i) == MARK.charAt(0) ? 1 : 0;
                }
            }
            selector.selectedKeys().clear();
        }
    }

    /** What is reachable in the bus's heap. */
    private static long heapBytes(String pid) throws IOException {
        Process histogram = new ProcessBuilder("jcmd", pid, "GC.class_histogram").start();
        String all = new String(histogram.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        String[] total = all.substring(all.lastIndexOf("Total")).trim().split("\\s+");
        return Long.parseLong(total[2]);
    }
}
