// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.callosum.api.Message;
import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.Test;

import static java.time.Duration.ZERO;
import static org.assertj.core.api.Assertions.assertThat;

/** What becomes of this runtime's own messages at a receiver that does not do its part, and what is said of clients' frames that are none. */
class SequencerTest {
    private static final ServerSettings SETTINGS = ServerSettings.DEFAULT;

    private final RecordingLogger logger = new RecordingLogger();
    private final ServerCounters counters = new ServerCounters();
    private final BusMemory memory = new BusMemory(List.of(), () -> SETTINGS, counters, logger.logger());
    private final FrameLog log = new FrameLog(memory, () -> 0);
    private final ReceiverSlot slot = new ReceiverSlot(ZERO);
    private final OwnEmits own = new OwnEmits();
    private final Sequencer sequencer = new Sequencer(
            log,
            memory,
            new Stragglers(new Recipients(log, counters), log, () -> SETTINGS, counters, logger.logger()),
            slot,
            own,
            new TimeStamps(() -> 0),
            () -> SETTINGS,
            counters,
            logger.logger());

    @Test
    void whatTheReceiverFailsToGiveUpHoldsNothingBehindItUp() {
        RecordingReceiver failing = new RecordingReceiver() {
            @Override
            public void gaveUp(Message message) {
                throw new IllegalStateException("broken");
            }
        };
        failing.reservable(0);
        emit("one");
        emit("two");
        slot.attach(failing); // it was not there when they were emitted: there is no place for them

        sequencer.takeOwn(0);

        assertThat(log.frames()).isEqualTo(2);
        assertThat(logger.lines("ERROR"))
                .satisfiesExactly(line -> assertThat(line).endsWith(" [tract=own event=one]"), line -> assertThat(line)
                        .endsWith(" [tract=own event=two]"));
    }

    @Test
    void invalidFramesOfManyClientsAreLoggedAFewTimesASecondAndTheRestIsCounted() throws IOException {
        slot.attach(new RecordingReceiver()); // senders would wait for the one that is to come
        List<ServedClient> clients = new ArrayList<>();
        try (Selector selector = Selector.open()) {
            for (int i = 1; i <= 100; i++) {
                clients.add(client(i, selector));
            }
            clients.forEach(each -> send(each, "x\n", 0));
            assertThat(counters.invalid.sum()).isEqualTo(100);
            assertThat(logger.lines("WARN"))
                    .hasSize(5)
                    .allMatch(line -> line.startsWith("WARN Invalid frame of client "));

            send(clients.get(99), "y\n", TimeUnit.SECONDS.toNanos(1));
            assertThat(logger.lines("WARN"))
                    .last()
                    .asString()
                    .startsWith("WARN Invalid frame of client 100 ")
                    .contains("'y' (and 1 more before) (and 95 more of all clients before) [client=100 ")
                    .endsWith(" left_out=1 left_out_of_all=95]");
        } finally {
            clients.forEach(each -> each.close("", 0));
        }
    }

    private ServedClient client(long id, Selector selector) throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.configureBlocking(false);
        return new ServedClient(
                id,
                Peer.UNKNOWN,
                new PeerProcesses(logger.logger()),
                channel,
                channel.register(selector, 0),
                new Outbox(channel, log, log.cursorAtEnd(), counters),
                memory,
                ServerSettings.DEFAULT_FRAME_BYTES);
    }

    private void send(ServedClient client, String text, long nowNanos) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        client.splitter().feed(bytes, 0, bytes.length);
        assertThat(sequencer.takeFrom(client, nowNanos)).isTrue();
    }

    private void emit(String event) {
        Message message = Message.of("own", event, Map.of());
        int bytes = message.toUtf8().remaining();
        assertThat(own.offer(new OwnEmits.Own(message, bytes, null), SETTINGS.ownAllowanceBytes()))
                .isTrue();
    }
}
