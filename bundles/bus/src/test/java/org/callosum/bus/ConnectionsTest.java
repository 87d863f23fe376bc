// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import org.callosum.transport.ConnectionStatus;
import org.callosum.transport.ConnectionStatus.State;
import org.callosum.transport.ConnectionStatus.Tract;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What a server tells of those who are connected to it, on real sockets. */
@Timeout(60)
class ConnectionsTest {
    private static final int FRAME = 10_000;
    private static final long BACKLOG = 1 << 20;
    private static final Duration NEVER = Duration.ofHours(1);

    @TempDir
    Path folder;

    private ServedBus bus;

    @AfterEach
    void stop() {
        bus.close();
    }

    @Test
    void ofEachItIsShownWhoItIsAndWhatWentToAndFro() throws Exception {
        bus = ServedBus.in(folder);
        PosixFileAttributes own = Files.readAttributes(bus.socket(), PosixFileAttributes.class);
        String valid = "{\"tract\":\"logs\",\"event\":\"a\\nb\",\"ts\":1}";
        String tooLong = Frames.ofLength(ServerSettings.DEFAULT_FRAME_BYTES + 1, 1);
        try (WireClient one = WireClient.join(bus.socket());
                WireClient two = WireClient.connect(bus.socket())) {
            for (int i = 0; i < 3; i++) {
                one.send(valid);
            }
            one.send("not a frame");
            one.send(tooLong);
            one.send(valid);
            one.write("{\"tract\"".getBytes(StandardCharsets.UTF_8)); // it goes on later
            one.readLines(4);
            two.readLines(4);
            await().until(() -> connection(1).heldBytes() > 0);

            List<ConnectionStatus> connections = bus.server().connections();

            assertThat(connections).extracting(ConnectionStatus::id).containsExactly(1L, 2L);
            assertThat(connections).allSatisfy(each -> {
                assertThat(each.user()).isEqualTo(own.owner().getName());
                assertThat(each.group()).isEqualTo(own.group().getName());
                assertThat(each.state()).isEqualTo(State.OPEN);
                assertThat(each.since()).isBeforeOrEqualTo(Instant.now());
                assertThat(each.until()).isEmpty();
                assertThat(each.reason()).isEmpty();
                assertThat(each.dropped()).isZero();
                assertThat(each.backlogBytes()).isZero();
                assertThat(each.oldestUnsent()).isEmpty();
            });
            ConnectionStatus sender = connections.get(0);
            assertThat(sender.framesIn()).isEqualTo(5);
            assertThat(sender.tracts()).containsExactly(new Tract("logs", 4), new Tract("test", 1));
            assertThat(sender.lastFrame()).isEqualTo("logs/a\nb");
            assertThat(sender.invalid()).isEqualTo(1);
            assertThat(sender.tooLong()).isEqualTo(1);
            assertThat(sender.heldBytes()).isEqualTo(8);
            assertThat(sender.bytesIn()).isEqualTo(bus.counter("bytesIn"));
            assertThat(sender.framesOut()).isEqualTo(5);
            ConnectionStatus listener = connections.get(1);
            assertThat(listener.framesIn()).isZero();
            assertThat(listener.tracts()).isEmpty();
            assertThat(listener.lastFrame()).isEmpty();
            assertThat(listener.framesOut()).isEqualTo(4);
            assertThat(listener.bytesOut()).isEqualTo(4 * (valid.length() + 1));
        }
    }

    @Test
    void whoIsBehindIsShownWithItsBacklogItsAgeAndThatTheOthersWait() throws Exception {
        bus = ServedBus.in(folder, ServedBus.limits(BACKLOG, NEVER, SlowPolicy.BLOCK, BACKLOG));
        try (WireClient sender = WireClient.join(bus.socket()).drain();
                WireClient reader = WireClient.join(bus.socket())) {
            CompletableFuture<Void> sent = sendUntilClosed(sender);
            for (int i = 0; i < 200; i++) {
                reader.readLine(); // 2 MB, more than its socket holds: it is known to read. Then it stops.
            }
            await().until(() -> connection(2).state() == State.HOLDS_UP);

            ConnectionStatus behind = connection(2);
            assertThat(behind.backlogBytes()).isBetween(BACKLOG / 2, BACKLOG + FRAME); // it holds up until half is read
            Duration oldest = behind.oldestUnsent().orElseThrow();
            assertThat(oldest).isPositive();
            await().until(() -> connection(2).oldestUnsent().orElseThrow().compareTo(oldest) > 0);
            assertThat(connection(1).state()).isEqualTo(State.OPEN);
            assertThat(sent).isNotDone();
        }
    }

    @Test
    void whoNeverReadsIsShownAsSendOnlyWithWhatWasDropped() throws Exception {
        bus = ServedBus.in(folder, ServedBus.limits(BACKLOG, NEVER, SlowPolicy.BLOCK, BACKLOG));
        try (WireClient sender = WireClient.connect(bus.socket())) {
            sendUntilClosed(sender);
            await().until(() ->
                    connection(1).state() == State.SEND_ONLY && connection(1).dropped() > 0);

            assertThat(connection(1).framesOut()).isPositive();
            assertThat(connection(1).tracts())
                    .singleElement()
                    .extracting(Tract::name)
                    .isEqualTo("big");
        }
    }

    @Test
    void whoIsDisconnectedHoldsNobodyUpAnyMoreAndIsRemembered() throws Exception {
        bus = ServedBus.in(folder, ServedBus.limits(BACKLOG, NEVER, SlowPolicy.BLOCK, BACKLOG));
        try (WireClient sender = WireClient.join(bus.socket()).drain();
                WireClient reader = WireClient.join(bus.socket())) {
            sendUntilClosed(sender);
            for (int i = 0; i < 200; i++) {
                reader.readLine();
            }
            await().until(() -> connection(2).state() == State.HOLDS_UP);
            long before = connection(1).framesIn();

            assertThat(bus.server().disconnect(2)).isTrue();

            await().until(() -> connection(1).framesIn() > before + 1_000);
            assertThat(bus.server().connections())
                    .extracting(ConnectionStatus::id)
                    .containsExactly(1L);
            ConnectionStatus closed = bus.server().closedConnections().get(0);
            assertThat(closed.id()).isEqualTo(2);
            assertThat(closed.state()).isEqualTo(State.CLOSED);
            assertThat(closed.until()).isPresent();
            assertThat(closed.reason()).isEqualTo("disconnected by an operator");
            assertThat(closed.backlogBytes()).isPositive();
            assertThat(closed.oldestUnsent()).isPresent();
            assertThat(closed.tracts()).containsExactly(new Tract("test", 1));
            for (String line = ""; line != null; line = reader.readLine()) {} // comes to the end
            assertThat(bus.log().lines("INFO"))
                    .filteredOn(line -> line.contains("is disconnected, as an operator wants it"))
                    .singleElement()
                    .asString()
                    .startsWith("INFO client 2 ")
                    .contains(" [client=2 user=" + closed.user())
                    .endsWith(" backlog_bytes=" + closed.backlogBytes() + "]");
        }
    }

    @Test
    void aSenderIsDisconnectedInTheMiddleOfWhatItSends() throws Exception {
        bus = ServedBus.in(folder);
        try (WireClient sender = WireClient.join(bus.socket()).drain();
                WireClient listener = WireClient.join(bus.socket()).drain()) {
            CompletableFuture<Void> sent = sendUntilClosed(sender);
            await().until(() -> connection(1).framesIn() > 1_000);

            assertThat(bus.server().disconnect(1)).isTrue();

            sent.join();
            assertThat(bus.server().connections())
                    .extracting(ConnectionStatus::id)
                    .containsExactly(2L);
            assertThat(bus.counter("clients")).isEqualTo(1);
            assertThat(bus.log().lines("ERROR")).isEmpty();
            listener.send(Frames.numbered("after", 1));
            await().until(() -> connection(2).framesIn() == 2);
        }
    }

    @Test
    void nobodyHasANumberThatWasNotGivenOrIsGone() throws Exception {
        bus = ServedBus.in(folder);
        try (WireClient client = WireClient.join(bus.socket())) {
            assertThat(bus.server().disconnect(2)).isFalse();
            assertThat(bus.server().disconnect(1)).isTrue();
            assertThat(bus.server().disconnect(1)).isFalse();
            assertThat(client.readLine()).isNull();
        }
    }

    @Test
    void afterTheStopTheConnectionsAreAmongTheClosed() throws Exception {
        bus = ServedBus.in(folder);
        try (WireClient client = WireClient.join(bus.socket())) {
            bus.close();
            assertThat(bus.server().connections()).isEmpty();
            assertThat(bus.server().disconnect(1)).isFalse();
            assertThat(bus.server().closedConnections()).singleElement().satisfies(closed -> assertThat(closed.reason())
                    .isEqualTo("the bus stopped"));
            assertThat(client.readLine()).isNull();
        }
    }

    @Test
    void aHostileNameIsCutBeforeItIsKept() throws Exception {
        bus = ServedBus.in(folder);
        try (WireClient client = WireClient.join(bus.socket())) {
            client.send(
                    "{\"tract\":\"" + "x".repeat(100_000) + "\",\"event\":\"" + "y".repeat(100_000) + "\",\"ts\":1}");
            client.readLine();

            assertThat(connection(1).tracts()).contains(new Tract("x".repeat(250), 1));
            assertThat(connection(1).lastFrame()).isEqualTo("x".repeat(250) + "/" + "y".repeat(250));
        }
    }

    private ConnectionStatus connection(long id) {
        return bus.server().connections().stream()
                .filter(each -> each.id() == id)
                .findFirst()
                .orElseThrow();
    }

    /** Sends frames on a thread of its own until the connection is closed. */
    private static CompletableFuture<Void> sendUntilClosed(WireClient sender) {
        return CompletableFuture.runAsync(() -> {
            String frame = Frames.ofLength(FRAME, 1);
            try {
                while (true) {
                    sender.send(frame);
                }
            } catch (IOException closed) {
                // as it should be
            } catch (RuntimeException e) {
                throw new CompletionException(e);
            }
        });
    }
}
