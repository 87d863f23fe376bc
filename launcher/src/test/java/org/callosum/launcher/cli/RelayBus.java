// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.callosum.api.Json;
import org.callosum.api.Message;
import org.callosum.bus.Connection;
import org.callosum.bus.Lines;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * A bus on a real socket that passes on what a script says: by default each message, its text written anew with spaces and
 * with {@code ts}, as the original does. It is a simple one: while a client does not read, nobody is served.
 */
final class RelayBus implements AutoCloseable {
    /** What a script returns to have the bus close all connections. */
    static final List<String> CLOSE = List.of("close");

    private final ServerSocketChannel server;
    private final Path socket;
    private final Function<Message, List<String>> script;
    private final List<SocketChannel> clients = new CopyOnWriteArrayList<>();
    private final List<Message> received = new CopyOnWriteArrayList<>();
    private final Semaphore connected = new Semaphore(0);
    private volatile boolean isRecording = true;
    private volatile int connections;

    RelayBus(Path socket) throws IOException {
        this(socket, message -> List.of(relayed(message)));
    }

    /** A bus that answers each message with these lines, to everybody. */
    RelayBus(Path socket, Function<Message, List<String>> script) throws IOException {
        this.socket = socket;
        this.script = script;
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        start(this::accept);
    }

    /** Does not keep what it received: for many messages. */
    RelayBus forgetful() {
        isRecording = false;
        return this;
    }

    Path socket() {
        return socket;
    }

    /** All messages that clients sent, in the order in which they came. */
    List<Message> received() {
        return List.copyOf(received);
    }

    int connections() {
        return connections;
    }

    void awaitClient() throws InterruptedException {
        connected.acquire();
    }

    /** Says these bytes to everybody. */
    void say(byte[] bytes) {
        synchronized (clients) {
            for (SocketChannel client : clients) {
                try {
                    ByteBuffer buffer = ByteBuffer.wrap(bytes);
                    while (buffer.hasRemaining()) {
                        client.write(buffer);
                    }
                } catch (IOException gone) {
                    clients.remove(client);
                }
            }
        }
    }

    void say(String text) {
        say(text.getBytes(UTF_8));
    }

    void closeClients() {
        clients.forEach(RelayBus::close);
    }

    @Override
    public void close() throws IOException {
        server.close();
        closeClients();
    }

    /** The message as the original passes it on. */
    static String relayed(Message message) {
        Map<String, Object> fields = new LinkedHashMap<>(message.toMap());
        fields.putIfAbsent("ts", 1_767_225_600_000L);
        return spaced(fields) + "\n";
    }

    private static String spaced(Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(field -> Json.write(field.getKey()) + ": " + spaced(field.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        if (value instanceof List<?> list) {
            return list.stream().map(RelayBus::spaced).collect(Collectors.joining(", ", "[", "]"));
        }
        return Json.write(value);
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel client = server.accept();
                synchronized (clients) {
                    clients.add(client);
                    connections++;
                }
                connected.release();
                start(() -> serve(client));
            }
        } catch (IOException closed) {
            // the test is over
        }
    }

    private void serve(SocketChannel client) {
        Lines lines = new Lines(client, Connection.MAX_LINE_BYTES);
        try {
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                Message message = Connection.parse(line);
                if (isRecording) {
                    received.add(message);
                }
                List<String> answers = new ArrayList<>(script.apply(message));
                if (answers.equals(CLOSE)) {
                    closeClients();
                    return;
                }
                say(String.join("", answers));
            }
        } catch (IOException gone) {
            // as clients go
        }
    }

    private static void close(SocketChannel client) {
        try {
            client.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "relay-bus");
        thread.setDaemon(true);
        thread.start();
    }
}
