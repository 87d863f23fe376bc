// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;

/**
 * The least that a chain can be: one loop that checks each frame with jackson-core, passes it on to every connection, and has the
 * two handlers of the benchmark built in. No order of handlers, no time limit, no isolation, no queue, no policy. What the
 * runtime takes is measured beside it.
 *
 * <p>{@code java -cp CLASSES:jackson-core.jar org.callosum.itests.bench.SingleLoop SOCKET}, which does not exist.
 */
final class SingleLoop {
    private static final int READ_BYTES = 1 << 18;

    private final JsonFactory json = new JsonFactory();
    private final Selector selector = Selector.open();
    private final List<Client> clients = new ArrayList<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
    private final ByteArrayOutputStream batch = new ByteArrayOutputStream();
    private long seen;

    private SingleLoop() throws IOException {}

    public static void main(String[] args) throws IOException {
        new SingleLoop().serve(UnixDomainSocketAddress.of(args[0]));
    }

    private void serve(UnixDomainSocketAddress address) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(address);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
        while (true) {
            selector.select();
            for (SelectionKey key : selector.selectedKeys()) {
                if (key.isAcceptable()) {
                    accept(listener.accept());
                } else {
                    serve((Client) key.attachment(), key);
                }
            }
            selector.selectedKeys().clear();
            byte[] bytes = batch.toByteArray();
            batch.reset();
            for (Client client : List.copyOf(clients)) {
                try {
                    client.write(bytes);
                } catch (IOException gone) {
                    close(client);
                }
            }
        }
    }

    private void accept(SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
        Client client = new Client(channel, key);
        key.attach(client);
        clients.add(client);
    }

    private void serve(Client client, SelectionKey key) throws IOException {
        try {
            if (key.isValid() && key.isReadable() && !client.read(buffer)) {
                close(client);
            }
        } catch (IOException gone) {
            close(client);
        }
    }

    private void close(Client client) throws IOException {
        clients.remove(client);
        client.channel.close();
    }

    private void take(byte[] frame, int offset, int length) throws IOException {
        String tract = null;
        String event = null;
        long t = -1;
        boolean isLast = false;
        try (JsonParser parser = json.createParser(frame, offset, length)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                switch (name) {
                    case "tract" -> tract = parser.getText();
                    case "event" -> event = parser.getText();
                    case "t" -> t = parser.getLongValue();
                    case "last" -> isLast = value == JsonToken.VALUE_TRUE;
                    default -> parser.skipChildren();
                }
            }
        }
        batch.write(frame, offset, length);
        batch.write('\n');
        if (!"bench".equals(tract)) {
            return;
        }
        if ("echo".equals(event)) {
            emit("{\"tract\":\"bench\",\"event\":\"reply\",\"t\":" + t + "}\n");
        } else if ("ping".equals(event)) {
            seen++;
            if (isLast) {
                emit("{\"tract\":\"bench\",\"event\":\"pong\",\"seen\":" + seen + "}\n");
                seen = 0;
            }
        }
    }

    private void emit(String frame) {
        batch.writeBytes(frame.getBytes(StandardCharsets.UTF_8));
    }

    private final class Client {
        private final SocketChannel channel;
        private final SelectionKey key;
        private final Queue<ByteBuffer> pending = new ArrayDeque<>();
        private byte[] rest = new byte[0];

        Client(SocketChannel channel, SelectionKey key) {
            this.channel = channel;
            this.key = key;
        }

        /** Takes what there is; whether there may be more to come. */
        boolean read(ByteBuffer into) throws IOException {
            into.clear();
            if (channel.read(into) < 0) {
                return false;
            }
            into.flip();
            byte[] bytes = new byte[rest.length + into.remaining()];
            System.arraycopy(rest, 0, bytes, 0, rest.length);
            into.get(bytes, rest.length, into.remaining());
            int begin = 0;
            for (int i = rest.length; i < bytes.length; i++) {
                if (bytes[i] == '\n') {
                    take(bytes, begin, i - begin);
                    begin = i + 1;
                }
            }
            rest = new byte[bytes.length - begin];
            System.arraycopy(bytes, begin, rest, 0, rest.length);
            return true;
        }

        void write(byte[] bytes) throws IOException {
            if (bytes.length > 0) {
                pending.add(ByteBuffer.wrap(bytes));
            }
            while (!pending.isEmpty()) {
                channel.write(pending.element());
                if (pending.element().hasRemaining()) {
                    key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
                    return;
                }
                pending.remove();
            }
            key.interestOps(SelectionKey.OP_READ);
        }
    }
}
