// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.callosum.api.Json;
import org.callosum.api.Message;

/**
 * A connection to a bus, for command-line tools and tests: calls that wait, and nothing that goes on behind them. It does
 * not reconnect and keeps no queue; the runtime's own client does.
 *
 * <p><b>Threads.</b> One thread reads, any may send, at the same time. Who only sends has to read too, on another thread:
 * the bus sends everything to everybody, and may stop to read from one that does not read. {@link #close()} may be called
 * by any thread; calls that wait then end with an {@link IOException}, as they do when their thread is interrupted.
 */
public final class Connection implements Closeable {
    /**
     * The longest line that is read. More than any bus passes on unless configured otherwise: the bound is there for the
     * reader's memory, not as a rule of the wire.
     */
    public static final int MAX_LINE_BYTES = 64 << 20;

    private final SocketChannel channel;
    private final Lines lines;
    /** Held while a message is written, so that those of two threads do not mix. */
    private final Object writing = new Object();

    private volatile long invalidLines;
    /** A message that was found in what was read already; of the reading thread. */
    private Message next;

    private Connection(SocketChannel channel) {
        this.channel = channel;
        this.lines = new Lines(channel, MAX_LINE_BYTES);
    }

    /**
     * Connects to the bus on this socket.
     *
     * @throws ConnectException if nobody listens there, or if it is not allowed; the message names the socket and the
     *     remedy and can be shown as it is
     */
    public static Connection open(Path socket) throws IOException {
        try {
            return new Connection(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
        } catch (IOException e) {
            throw (ConnectException) new ConnectException(
                            "Cannot connect to '" + socket + "' (" + e.getMessage() + ")" + remedy(socket, e))
                    .initCause(e);
        }
    }

    private static String remedy(Path socket, IOException failure) {
        if (String.valueOf(failure.getMessage())
                .contains("path too long")) { // what the JDK says; its class is a general one
            return ": use a shorter path";
        }
        boolean nobody = failure instanceof ConnectException || !Files.exists(socket);
        return nobody ? ": is callosum running?" : "";
    }

    /**
     * Reads one line of the wire.
     *
     * @param line the line, without its end; kept, not copied
     * @throws IllegalArgumentException if it is no message: not UTF-8, not JSON, not an object, or without a tract or an
     *     event
     */
    public static Message parse(byte[] line) {
        Map<String, Object> fields = Json.parseObject(decode(line));
        return Message.ofFrame(name(fields, Message.TRACT), name(fields, Message.EVENT), line);
    }

    private static String decode(byte[] line) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("Not UTF-8", e);
        }
    }

    private static String name(Map<String, Object> fields, String key) {
        if (fields.get(key) instanceof String name) {
            return name;
        }
        throw new IllegalArgumentException(
                "Not a message: '" + key + "' is " + (fields.containsKey(key) ? "not a string" : "missing"));
    }

    /** Sends a message; waits as long as the bus takes nothing. */
    public void send(Message message) throws IOException {
        ByteBuffer utf8 = message.toUtf8();
        ByteBuffer frame = ByteBuffer.allocate(utf8.remaining() + 1)
                .put(utf8)
                .put((byte) '\n')
                .flip();
        synchronized (writing) {
            while (frame.hasRemaining()) {
                channel.write(frame);
            }
        }
    }

    /**
     * Sends a line as it is, valid or not; waits as long as the bus takes nothing.
     *
     * @param line the line, without its end
     * @throws IllegalArgumentException if there is a line break in it
     */
    public void send(String line) throws IOException {
        if (line.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("A line break ends a message: this text would be several");
        }
        send(Message.ofFrame("", "", line.getBytes(StandardCharsets.UTF_8)));
    }

    /** Whether {@link #read()} has a message without waiting for the bus. */
    public boolean isReady() {
        byte[] line;
        while (next == null && (line = lines.poll()) != null) {
            next = messageIn(line);
        }
        return next != null;
    }

    /**
     * The next message, its text as it came; waits for it. {@code null} when the bus has closed the connection. Lines that
     * are no messages are skipped and counted.
     */
    public Message read() throws IOException {
        byte[] line;
        while (!isReady() && (line = lines.next()) != null) {
            next = messageIn(line);
        }
        Message message = next;
        next = null;
        return message;
    }

    /** The message in a line, {@code null} if there is none. */
    private Message messageIn(byte[] line) {
        if (isBlank(line)) {
            return null;
        }
        try {
            if (line.length <= MAX_LINE_BYTES) {
                return parse(line);
            }
        } catch (IllegalArgumentException notAMessage) {
            // Counted below: one peer's broken line is no reason to stop, and what it says must not reach the terminal.
        }
        invalidLines++; // written by the reading thread alone
        return null;
    }

    /** Whether there is nothing but white space in a line: not a message, and not an invalid one either. */
    public static boolean isBlank(byte[] line) {
        for (byte b : line) {
            if (b != ' ' && b != '\t' && b != '\r') {
                return false;
            }
        }
        return true;
    }

    /** How many lines were skipped because they were no messages. Blank ones are none of them. */
    public long invalidLines() {
        return invalidLines;
    }

    /**
     * Tells the bus that nothing more will be sent. What waits there can still be read: the bus closes the connection when all
     * was, or nothing has been for its {@code stallMillis}.
     */
    public void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
