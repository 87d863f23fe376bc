// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A case's two clients, a sender and a listener, and its name on a bus that others may be using: what they see of others is
 * left out.
 */
final class Room implements AutoCloseable {
    /** Stands for the name in what a case sends. */
    private static final String NAME = "%T";

    private final String name = "wire-" + UUID.randomUUID().toString().substring(0, 13);
    private final Path socket;
    private final Peer sender;
    private final Peer listener;
    private int marks;

    Room(Path socket) throws IOException, InterruptedException {
        this.socket = socket;
        sender = Peer.join(socket);
        listener = Peer.join(socket);
    }

    Path socket() {
        return socket;
    }

    Peer sender() {
        return sender;
    }

    Peer listener() {
        return listener;
    }

    /** The text with the case's name for each {@code %T}. */
    String named(String text) {
        return text.replace(NAME, name);
    }

    /** A frame of this case, without its line break. */
    String frame(String members) {
        return named("{\"tract\":\"%T\",\"event\":\"e\"" + (members.isEmpty() ? "" : ",") + members + "}");
    }

    /** Sends this as it is, and gives the lines of this case that come of it: the same for both clients. */
    List<String> exchange(String text) throws IOException, InterruptedException {
        return exchange(named(text).getBytes(StandardCharsets.UTF_8));
    }

    /** Sends this as it is, and gives the lines of this case that come of it: the same for both clients. */
    List<String> exchange(byte[] bytes) throws IOException, InterruptedException {
        sender.send(bytes);
        return mark(sender);
    }

    /**
     * Sends a frame and gives the lines of this case that came before it: the same for both clients. What had been sent on the
     * same connection and is not among them will not come any more.
     */
    List<String> mark(Peer on) throws IOException, InterruptedException {
        String mark = name + "-mark-" + ++marks + ".";
        on.send("{\"tract\":\"" + mark + "\",\"event\":\"mark\"}\n");
        List<String> seen = ours(listener.until(mark), mark);
        assertThat(ours(sender.until(mark), mark)).as("what the sender gets").isEqualTo(seen);
        return seen;
    }

    /** Waits for a line that holds this; the lines of this case at the listener up to it. */
    List<String> listen(String text) throws InterruptedException {
        return ours(listener.until(named(text)), name + "-mark-");
    }

    private List<String> ours(List<String> lines, String mark) {
        return lines.stream()
                .filter(line -> line.contains(name) && !line.contains(mark))
                .toList();
    }

    /** These bytes one behind the other. */
    static byte[] bytes(Object... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Object part : parts) {
            all.writeBytes(
                    part instanceof byte[] bytes ? bytes : part.toString().getBytes(StandardCharsets.UTF_8));
        }
        return all.toByteArray();
    }

    @Override
    public void close() throws IOException {
        sender.close();
        listener.close();
    }
}
