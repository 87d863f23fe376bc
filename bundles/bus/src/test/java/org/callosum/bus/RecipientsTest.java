// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Who is written to, and who is furthest behind, without a look at all. */
@Timeout(60)
class RecipientsTest {
    private static final byte[] FRAME = new byte[10_000];

    /** More than a socket holds. */
    private static final int MANY = 100;

    @TempDir
    Path folder;

    private final ServerCounters counters = new ServerCounters();
    private final Map<ServedClient, SocketChannel> peers = new HashMap<>();
    private final BusMemory memory =
            new BusMemory(peers.keySet(), () -> ServerSettings.DEFAULT, counters, new RecordingLogger().logger());
    private final FrameLog log = new FrameLog(memory, () -> 0);
    private final Recipients recipients = new Recipients(log, counters);
    private ServerSocketChannel listener;
    private Selector selector;
    private long lastId;

    @BeforeEach
    void listen() throws IOException {
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(folder.resolve("s")));
        selector = Selector.open();
    }

    @AfterEach
    void close() throws IOException {
        for (ServedClient client : List.copyOf(peers.keySet())) {
            leave(client);
        }
        selector.close();
        listener.close();
    }

    @Test
    void whoseSocketTookLessThanThereWasIsLeftAloneUntilItTakesSomethingAgain() throws IOException {
        ServedClient full = join();
        append(MANY);
        recipients.writeToReady(0);
        assertThat(full.outbox().isBlocked()).isTrue();
        drain(full);
        long written = full.outbox().writtenBytes();

        append(1);
        recipients.writeToReady(0);
        assertThat(full.outbox().writtenBytes()).isEqualTo(written);

        recipients.unblock(full);
        recipients.writeToReady(0);
        assertThat(full.outbox().writtenBytes()).isGreaterThan(written);
    }

    @Test
    void whoTookAllThatThereWasGetsTheNextOneAlthoughItsSocketDidNotSayThatItTakesMore() throws IOException {
        ServedClient client = join();
        while (!client.outbox().isBlocked()) {
            append(1);
            recipients.writeToReady(0);
        }
        drain(client);
        recipients.write(client, 0); // as is tried when its backlog is full
        assertThat(client.outbox().pendingBytes()).isZero();

        append(1);
        recipients.writeToReady(0);
        assertThat(client.outbox().pendingBytes()).isZero();
    }

    @Test
    void whoIsNotFarBehindIsNotLookedAtForThoseWhoAre() throws IOException {
        List<ServedClient> early = List.of(join(), join(), join());
        append(MANY);
        recipients.writeToReady(0);
        for (int i = 0; i < 50; i++) {
            join();
            append(1);
        }
        append(MANY);
        recipients.writeToReady(0);

        List<ServedClient> asked = new ArrayList<>();
        List<ServedClient> found = recipients.furthestBehind(client -> {
            asked.add(client);
            return early.contains(client);
        });
        assertThat(found).containsExactlyElementsOf(early);
        assertThat(asked.stream().distinct()).hasSize(early.size() + 1);
    }

    @Test
    void whoIsToBeWatchedOtherwiseIsGivenOnce() throws IOException {
        ServedClient client = join();
        assertThat(recipients.takeChanged()).containsExactly(client);
        append(1);
        recipients.writeToReady(0);
        assertThat(recipients.takeChanged()).as("it has got all").isEmpty();

        append(MANY);
        recipients.writeToReady(0);
        assertThat(recipients.takeChanged()).as("its socket is full").containsExactly(client);
        assertThat(recipients.takeChanged()).isEmpty();
    }

    @Test
    void theSumsAreThoseOfAllClientsWhateverTheyDo() throws IOException {
        Random random = new Random(6);
        for (int i = 0; i < 8; i++) {
            join();
        }
        for (int step = 0; step < 3_000; step++) {
            ServedClient one = List.copyOf(peers.keySet()).get(random.nextInt(peers.size()));
            switch (random.nextInt(12)) {
                case 0 -> drain(one);
                case 1, 2 -> {
                    if (one.outbox().isBlocked()) {
                        recipients.unblock(one);
                    }
                }
                case 3 -> {
                    if (one.outbox().isBlocked()) {
                        recipients.write(one, step);
                    }
                }
                case 4 -> {
                    if (one.outbox().isBlocked() && !one.outbox().isSendOnly()) {
                        recipients.becomeSendOnly(one);
                    }
                }
                case 5 -> {
                    if (random.nextInt(10) == 0) {
                        leave(one);
                        join();
                    }
                }
                case 6 -> {
                    if (random.nextInt(10) == 0) {
                        peers.get(one).shutdownInput(); // it becomes deaf
                    }
                }
                default -> append(random.nextInt(6));
            }
            recipients.writeToReady(step);

            assertThat(recipients.slowestPosition())
                    .as("step %d", step)
                    .isEqualTo(peers.keySet().stream()
                            .mapToLong(each -> each.outbox().position())
                            .min()
                            .orElseThrow());
            assertThat(recipients.slowestMemoryPosition())
                    .isEqualTo(peers.keySet().stream()
                            .mapToLong(each -> each.outbox().memoryPosition())
                            .min()
                            .orElseThrow());
            assertThat(recipients.backlogBytes())
                    .isEqualTo(peers.keySet().stream()
                            .mapToLong(each -> each.outbox().pendingBytes())
                            .sum());
            assertThat(recipients.sendOnly())
                    .isEqualTo(peers.keySet().stream()
                            .filter(each -> each.outbox().isSendOnly())
                            .count());
            assertThat(counters.droppedSendOnly.sum())
                    .isEqualTo(droppedOfThoseWhoLeft
                            + peers.keySet().stream()
                                    .mapToLong(each -> each.outbox().droppedFrames())
                                    .sum());
        }
        assertThat(counters.droppedSendOnly.sum()).isPositive();
    }

    private long droppedOfThoseWhoLeft;

    private ServedClient join() throws IOException {
        SocketChannel peer = SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("s")));
        peer.configureBlocking(false);
        SocketChannel channel = listener.accept();
        channel.configureBlocking(false);
        ServedClient client = new ServedClient(
                ++lastId,
                Peer.UNKNOWN,
                new PeerProcesses(new RecordingLogger().logger()),
                channel,
                channel.register(selector, 0),
                new Outbox(channel, log, log.cursorAtEnd(), counters),
                memory,
                ServerSettings.DEFAULT_FRAME_BYTES);
        peers.put(client, peer);
        recipients.add(client);
        return client;
    }

    private void leave(ServedClient client) throws IOException {
        recipients.remove(client);
        droppedOfThoseWhoLeft += client.outbox().droppedFrames();
        client.close("the end of the test", 0);
        peers.remove(client).close();
    }

    private void append(int frames) {
        for (int i = 0; i < frames; i++) {
            log.append(FRAME, 0, FRAME.length);
        }
    }

    private void drain(ServedClient client) throws IOException {
        ByteBuffer sink = ByteBuffer.allocate(1 << 16);
        while (peers.get(client).read(sink.clear()) > 0) {}
    }
}
