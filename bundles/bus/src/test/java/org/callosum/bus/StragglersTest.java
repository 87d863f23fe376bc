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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.callosum.journal.RecordingLogger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Who is judged to have stalled, at times that the test says. */
@Timeout(30)
class StragglersTest {
    private static final long BACKLOG = 1 << 20;
    private static final long STALL = TimeUnit.SECONDS.toNanos(10);
    private static final byte[] FRAME = new byte[10_000];

    @TempDir
    Path folder;

    private final RecordingLogger log = new RecordingLogger();
    private final ServerCounters counters = new ServerCounters();
    private final List<ServedClient> clients = new ArrayList<>();
    private final ServerSettings settings =
            ServedBus.limits(BACKLOG, Duration.ofNanos(STALL), SlowPolicy.DISCONNECT, BACKLOG);
    private final BusMemory memory = new BusMemory(clients, () -> settings, counters, log.logger());
    private final FrameLog frames = new FrameLog(memory, () -> 0);
    private final Recipients recipients = new Recipients(frames, counters);
    private final Stragglers stragglers = new Stragglers(recipients, frames, () -> settings, counters, log.logger());
    private ServerSocketChannel listener;
    private Selector selector;
    private SocketChannel peer;
    private ServedClient client;

    @BeforeEach
    void connect() throws IOException {
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(folder.resolve("s")));
        selector = Selector.open();
        peer = SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("s")));
        SocketChannel channel = listener.accept();
        channel.configureBlocking(false);
        client = new ServedClient(
                1,
                Peer.UNKNOWN,
                new PeerProcesses(log.logger()),
                channel,
                channel.register(selector, 0),
                new Outbox(channel, frames, frames.cursorAtEnd(), counters),
                memory,
                ServerSettings.DEFAULT_FRAME_BYTES);
        clients.add(client);
        recipients.add(client);
    }

    @AfterEach
    void close() throws IOException {
        client.close("the end of the test", 0);
        peer.close();
        selector.close();
        listener.close();
    }

    @Test
    void whoHasReadAndStopsWithAFullBacklogIsHeldToHaveStalledOnce() throws IOException {
        stall();

        assertThat(stragglers.isHeldUpBy(client)).isTrue();
        assertThat(stragglers.takeStalled()).containsExactly(client);
        assertThat(stragglers.takeStalled()).isEmpty();
    }

    @Test
    void whoLeavesAfterItWasJudgedIsNotToBeDisconnectedAnyMore() throws IOException {
        stall();
        recipients.remove(client);
        stragglers.forget(client, 2 * STALL + 2);

        assertThat(stragglers.takeStalled()).isEmpty();
        assertThat(stragglers.isHeldUpBy(client)).isFalse();
    }

    /** The client reads what its socket holds, then nothing more for as long as it may. */
    private void stall() throws IOException {
        fill();
        stragglers.flushAndJudge(0);
        ByteBuffer taken = ByteBuffer.allocate(100_000);
        while (taken.hasRemaining()) {
            peer.read(taken);
        }
        recipients.unblock(client);
        stragglers.flushAndJudge(1); // it makes progress: it has read
        assertThat(client.outbox().hasRead()).isTrue();
        fill();
        stragglers.flushAndJudge(STALL);
        assertThat(stragglers.takeStalled()).isEmpty();
        stragglers.flushAndJudge(2 * STALL + 1);
    }

    private void fill() {
        while (client.outbox().pendingBytes() < BACKLOG) {
            frames.append(FRAME, 0, FRAME.length);
        }
    }
}
