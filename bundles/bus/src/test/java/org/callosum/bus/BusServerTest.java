// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.callosum.api.Json;
import org.callosum.api.Message;
import org.callosum.transport.ConnectionStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What clients see of the wire, over sockets. */
@Timeout(60)
class BusServerTest {
    private static final String AFTER = "{\"tract\":\"after\",\"event\":\"e\",\"ts\":1}";

    private static final int BACKLOG_FRAMES = 600;

    @TempDir
    Path folder;

    private ServedBus bus;

    @BeforeEach
    void serve() throws IOException {
        bus = ServedBus.in(folder);
    }

    @AfterEach
    void stop() {
        bus.close();
    }

    @Test
    void aFrameGoesToEverybodyItsSenderIncluded() throws Exception {
        try (WireClient sender = WireClient.join(bus.socket());
                WireClient other = WireClient.join(bus.socket())) {
            String frame =
                    "{\"tract\":\"a\",\"event\":\"b\",\"ts\":1,\"x\":[1.0,1e400,12345678901234567890,\"\\ud800é\"],\"x\":NaN}";

            sender.send(frame);

            assertThat(other.readLine()).isEqualTo(frame);
            sender.readLine(); // the other's hello
            assertThat(sender.readLine()).isEqualTo(frame);
        }
    }

    @Test
    void aMissingTimeStampIsAddedAndNothingElseChanged() throws Exception {
        try (WireClient client = WireClient.join(bus.socket())) {
            long before = System.currentTimeMillis();
            client.send(" {\"tract\":\"a\" , \"event\":\"b\" } \r");

            String line = client.readLine();

            assertThat(line)
                    .startsWith("{\"tract\":\"a\" , \"event\":\"b\" ,\"ts\":")
                    .endsWith("}");
            assertThat((Long) Json.parseObject(line).get("ts")).isBetween(before, System.currentTimeMillis());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "\"x\"", "1.50", "{}", "-1"})
    void aTimeStampThatIsThereIsLeftAsItIs(String ts) throws Exception {
        try (WireClient client = WireClient.join(bus.socket())) {
            String frame = "{\"ts\":" + ts + ",\"tract\":\"a\",\"event\":\"b\"}";
            client.send(frame);
            assertThat(client.readLine()).isEqualTo(frame);
        }
    }

    @Test
    void blankLinesAreIgnored() throws Exception {
        try (WireClient client = WireClient.join(bus.socket())) {
            client.write(("\n \r\n\t\n\r\n" + AFTER + "\n").getBytes(StandardCharsets.US_ASCII));

            assertThat(client.readLine()).isEqualTo(AFTER);
            assertThat(bus.counter("invalid")).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "{}{}", "[]", "{\"tract\":\"a\"}", "SCLP{\"tract\":\"a\",\"event\":\"b\"}"})
    void anInvalidFrameIsCountedAndTheFramesAroundItAreDelivered(String invalid) throws Exception {
        try (WireClient client = WireClient.join(bus.socket())) {
            client.send(Frames.numbered("s", 1) + "\n" + invalid + "\n" + Frames.numbered("s", 2));

            assertThat(client.readLines(2)).containsExactly(Frames.numbered("s", 1), Frames.numbered("s", 2));
            assertThat(bus.counter("invalid")).isEqualTo(1);
        }
    }

    @Test
    void anInvalidFrameIsNamedAsFarAsItsNamesWereFound() throws Exception {
        try (WireClient client = WireClient.join(bus.socket())) {
            client.send("{\"tract\":\"a b\",\"event\":\"c\"}{}\n" + AFTER);
            assertThat(client.readLine()).isEqualTo(AFTER);
        }

        assertThat(bus.log().lines("WARN"))
                .singleElement()
                .asString()
                .containsPattern(
                        " \\[client=1 user=[^ ]+ tract=\"a b\" event=c reason=\"at byte 28, nothing but the end is expected\"]$");
    }

    @Test
    void invalidFramesOfOneClientAreLoggedOnceASecondAndCannotBreakTheLog() throws Exception {
        try (WireClient client = WireClient.join(bus.socket())) {
            String evil = "\u001b[31m\u2028forged\u0007" + "x".repeat(10_000);
            client.send((evil + "\n").repeat(100) + AFTER);
            assertThat(client.readLine()).isEqualTo(AFTER);
        }

        assertThat(bus.counter("invalid")).isEqualTo(100);
        List<String> warnings = bus.log().lines("WARN");
        assertThat(warnings).hasSizeBetween(1, 5); // one a second, however slow this machine is
        assertThat(warnings.get(0))
                .contains(
                        "Invalid frame of client 1",
                        "it does not begin with '{'",
                        "\\u001b[31m\\u2028forged\\u0007xxx",
                        "…")
                .doesNotContain("\u001b", "\u2028", "\u0007")
                .hasSizeLessThan(500)
                .containsPattern(" \\[client=1 user=[^ ]+ reason=\"it does not begin with '\\{'\"]$");
    }

    @Test
    void invalidUtf8IsNotPassedOn() throws Exception {
        try (WireClient client = WireClient.join(bus.socket())) {
            client.write("{\"tract\":\"a\",\"event\":\"\u00e9\"}\n".getBytes(StandardCharsets.ISO_8859_1));
            client.send(AFTER);

            assertThat(client.readLine()).isEqualTo(AFTER);
            assertThat(bus.counter("invalid")).isEqualTo(1);
        }
    }

    @Test
    void aFrameCutAtEveryByteIsDelivered() throws Exception {
        byte[] frame = "{\"tract\":\"a\",\"event\":\"é\",\"ts\":1}\n".getBytes(StandardCharsets.UTF_8);
        try (WireClient sender = WireClient.join(bus.socket());
                WireClient marker = WireClient.join(bus.socket())) {
            sender.readLine();
            for (int cut = 1; cut < frame.length; cut++) {
                sender.write(Arrays.copyOf(frame, cut));
                // Two reads, not one: the server has this frame when it comes back, so it has read what came before.
                marker.send(AFTER);
                assertThat(sender.readLine()).isEqualTo(AFTER);
                sender.write(Arrays.copyOfRange(frame, cut, frame.length));

                assertThat(sender.readLine() + "\n").isEqualTo(new String(frame, StandardCharsets.UTF_8));
            }
        }
    }

    @Test
    void aLastFrameWithoutLineBreakCountsWhenItsSenderCloses() throws Exception {
        try (WireClient listener = WireClient.join(bus.socket())) {
            WireClient sender = WireClient.connect(bus.socket());
            sender.write(AFTER.getBytes(StandardCharsets.US_ASCII));
            sender.close();

            assertThat(listener.readLine()).isEqualTo(AFTER);
        }
    }

    @Test
    void aLastFrameThatIsCutOffIsInvalid() throws Exception {
        try (WireClient listener = WireClient.join(bus.socket())) {
            WireClient sender = WireClient.connect(bus.socket());
            sender.write(AFTER.substring(0, AFTER.length() - 1).getBytes(StandardCharsets.US_ASCII));
            sender.close();

            await().until(() -> bus.counter("invalid") == 1);
            listener.send(AFTER);
            assertThat(listener.readLine()).isEqualTo(AFTER);
        }
    }

    @Test
    void whoEndsSendingStillGetsItsLastFrame() throws Exception {
        try (WireClient client = WireClient.connect(bus.socket())) {
            client.write(AFTER.getBytes(StandardCharsets.US_ASCII));
            client.endSending();

            assertThat(client.readLine()).isEqualTo(AFTER);
            assertThat(client.readLine()).isNull();
        }
    }

    @Test
    void whoEndsSendingGetsAllThatWaitsForItAndThenTheEnd() throws Exception {
        try (WireClient client = WireClient.join(bus.socket());
                WireClient other = WireClient.connect(bus.socket()).drain()) {
            fillBacklog(other);
            client.write(AFTER.getBytes(StandardCharsets.US_ASCII));
            client.endSending();
            WireClient.join(bus.socket()).close(); // that it has ended is known by now

            for (int i = 0; i < BACKLOG_FRAMES; i++) {
                assertThat(Frames.number(client.readLine())).isEqualTo(i);
            }
            assertThat(client.readLine()).isEqualTo(AFTER);
            String last = client.readLine();
            assertThat(last == null ? null : client.readLine())
                    .as("behind the other one's hello")
                    .isNull();
            await().untilAsserted(() -> assertThat(bus.server().closedConnections())
                    .extracting(ConnectionStatus::reason)
                    .containsExactly("closed by the client", "closed by the client"));
        }
    }

    @Test
    void whoIsGoneIsNotHeldBecauseSomethingWaitsForIt() throws Exception {
        WireClient client = WireClient.join(bus.socket());
        try (WireClient other = WireClient.connect(bus.socket()).drain()) {
            fillBacklog(other);
            client.close();

            await().untilAsserted(() -> assertThat(bus.server().closedConnections())
                    .extracting(ConnectionStatus::reason)
                    .containsExactly("closed by the client"));
        }
    }

    @Test
    void whoEndsSendingAndTakesNothingMoreIsClosed() throws Exception {
        bus.close();
        bus = ServedBus.in(
                folder,
                new ServerSettingsBuilder().stall(Duration.ofMillis(100)).build());
        try (WireClient client = WireClient.join(bus.socket());
                WireClient other = WireClient.connect(bus.socket()).drain()) {
            fillBacklog(other);
            client.endSending();

            await().untilAsserted(() -> assertThat(bus.server().closedConnections())
                    .extracting(ConnectionStatus::reason)
                    .containsExactly("closed by the client, which took nothing more for 100 ms"));
            assertThat(bus.log().lines("INFO"))
                    .anyMatch(line -> line.contains(" has ended, and has taken nothing for 100 ms: ")
                            && line.contains("backlog_bytes=")
                            && line.endsWith("stalled_ms=100]"));
            assertThat(bus.counter("disconnectedStalled"))
                    .as("of those who stay")
                    .isZero();
        }
    }

    /** Has more wait for a client than a socket and one turn of the bus take. */
    private void fillBacklog(WireClient other) throws IOException {
        for (int i = 0; i < BACKLOG_FRAMES; i++) {
            other.send(Frames.ofLength(10_000, i));
        }
        await().until(() -> bus.counter("framesIn") == BACKLOG_FRAMES + 1); // with the client's hello
    }

    @Test
    void whatASenderSentBeforeItClosedUnreadIsDeliveredWhole() throws Exception {
        int frames = 2_000;
        try (WireClient listener = WireClient.join(bus.socket())) {
            try (WireClient sender = WireClient.connect(bus.socket())) {
                for (int i = 0; i < frames; i++) {
                    sender.send(Frames.numbered("s", i));
                }
            } // with its own frames unread: writing to it fails before all of them were read

            for (int i = 0; i < frames; i++) {
                assertThat(listener.readLine()).isEqualTo(Frames.numbered("s", i));
            }
        }
    }

    @Test
    void theLongestFrameIsDeliveredAndOneByteMoreIsDroppedAndCounted() throws Exception {
        int limit = 16 * 1024 * 1024;
        try (WireClient sender = WireClient.join(bus.socket()).drain();
                WireClient listener = WireClient.join(bus.socket())) {
            sender.send(Frames.ofLength(limit, 1));
            sender.send(Frames.ofLength(limit + 1, 2));
            sender.send(Frames.ofLength(200, 3));

            assertThat(listener.readLine()).hasSize(limit);
            assertThat(listener.readLine()).isEqualTo(Frames.ofLength(200, 3));
            assertThat(bus.counter("tooLong")).isEqualTo(1);
            assertThat(bus.log().lines("WARN"))
                    .singleElement()
                    .asString()
                    .contains("longer than 16777216 bytes")
                    .containsPattern(" \\[client=1 user=[^ ]+ reason=\"too long\" max_frame_bytes=16777216]$");
        }
    }

    @Test
    void everybodyGetsEverythingInOneOrder() throws Exception {
        int senders = 4;
        int receivers = 5;
        int frames = 5_000;
        ExecutorService threads = Executors.newFixedThreadPool(senders + receivers);
        List<AutoCloseable> clients = new ArrayList<>();
        try {
            List<Future<List<String>>> received = new ArrayList<>();
            for (int r = 0; r < receivers; r++) {
                WireClient receiver = WireClient.join(bus.socket());
                clients.add(receiver);
                received.add(threads.submit(() -> {
                    List<String> lines = new ArrayList<>();
                    while (lines.size() < senders * frames) {
                        String line = receiver.readLine();
                        if (!line.contains("hello")) {
                            lines.add(line);
                        }
                    }
                    return lines;
                }));
            }
            for (int s = 0; s < senders; s++) {
                String name = "s" + s;
                WireClient sender = WireClient.join(bus.socket()).drain();
                clients.add(sender);
                threads.submit(() -> {
                    for (int i = 0; i < frames; i++) {
                        sender.send(Frames.numbered(name, i));
                    }
                    return null;
                });
            }

            List<String> order = received.get(0).get(30, TimeUnit.SECONDS);
            for (Future<List<String>> other : received) {
                assertThat(other.get(30, TimeUnit.SECONDS)).isEqualTo(order);
            }
            for (int s = 0; s < senders; s++) {
                String name = "\"s" + s + "\"";
                assertThat(order.stream().filter(line -> line.contains(name)).map(Frames::number))
                        .hasSize(frames)
                        .isSorted();
            }
        } finally {
            threads.shutdownNow();
            for (AutoCloseable client : clients) {
                client.close();
            }
        }
    }

    @Test
    void itCountsWhatComesAndGoes() throws Exception {
        try (WireClient one = WireClient.join(bus.socket());
                WireClient two = WireClient.join(bus.socket())) {
            one.readLine();
            one.send(AFTER);
            one.readLine();
            two.readLine();

            await().until(() -> bus.counter("framesOut") == 5);
            assertThat(bus.counter("clients")).isEqualTo(2);
            assertThat(bus.counter("accepted")).isEqualTo(2);
            assertThat(bus.counter("framesIn")).isEqualTo(3);
            assertThat(bus.counter("bytesIn")).isPositive();
            assertThat(bus.counter("bytesOut")).isGreaterThan(bus.counter("bytesIn"));
            assertThat(bus.counter("backlogBytes")).isZero();
        }
        await().until(() -> bus.counter("clients") == 0);
    }

    @Test
    void closedConnectionsAreRemembered() throws Exception {
        WireClient client = WireClient.join(bus.socket());
        client.send("{\"tract\":\"a\\nb\",\"event\":\"c\",\"ts\":1}");
        client.readLine();
        client.close();

        await().until(() -> bus.server().closedConnections().size() == 1);
        ConnectionStatus closed = bus.server().closedConnections().get(0);
        assertThat(closed.id()).isEqualTo(1);
        assertThat(closed.user()).isEqualTo(System.getProperty("user.name"));
        assertThat(closed.reason()).isEqualTo("closed by the client");
        assertThat(closed.lastFrame()).isEqualTo("a\nb/c");
        assertThat(closed.framesIn()).isEqualTo(2);
        assertThat(closed.backlogBytes()).isZero();
        assertThat(closed.since()).isBeforeOrEqualTo(closed.until().orElseThrow());
    }

    @Test
    void onlyTheLastHundredClosedConnectionsAreRemembered() throws Exception {
        for (int i = 0; i < 105; i++) {
            WireClient.join(bus.socket()).close();
        }
        await().until(() -> bus.counter("clients") == 0);

        assertThat(bus.server().closedConnections()).hasSize(100);
        assertThat(bus.server().closedConnections().get(0).id()).isEqualTo(6);
        assertThat(bus.server().closedConnections().get(99).id()).isEqualTo(105);
    }

    @Test
    void aFailingReceiverDoesNotStopTheBus() throws Exception {
        var receiver = new RecordingReceiver() {
            @Override
            public void receive(Message message, boolean isReserved) {
                throw new IllegalStateException("broken");
            }
        };
        bus.server().attach(receiver);
        try (WireClient client = WireClient.join(bus.socket())) {
            client.send(AFTER);
            assertThat(client.readLine()).isEqualTo(AFTER);
        }
        assertThat(bus.log().lines("ERROR"))
                .satisfiesExactly(
                        line -> assertThat(line).endsWith(" [tract=test event=hello]"),
                        line -> assertThat(line).endsWith(" [tract=after event=e]"));
    }

    @Test
    void aReceiverThatFailsWhenAllWasHandedOverCostsNoClientItsConnection() throws Exception {
        bus.server().attach(new RecordingReceiver() {
            @Override
            public void received() {
                throw new IllegalStateException("broken");
            }
        });
        try (WireClient client = WireClient.join(bus.socket())) {
            client.send(AFTER);
            assertThat(client.readLine()).isEqualTo(AFTER);
        }
        assertThat(bus.log().lines("ERROR"))
                .isNotEmpty()
                .allMatch(line -> line.contains("The receiver failed when all that was read had been handed to it"));
    }

    @Test
    void anotherFrameLimitHoldsFromTheNextFrameOn() throws Exception {
        try (WireClient client = WireClient.join(bus.socket())) {
            ServerSettings small =
                    new ServerSettingsBuilder().maxFrameBytes(100).build();
            bus.server().apply(new BusSettings(BusMode.SERVER, bus.socket(), small, ClientSettings.DEFAULT));

            client.send(Frames.ofLength(101, 1));
            client.send(Frames.ofLength(100, 2));

            assertThat(client.readLine()).isEqualTo(Frames.ofLength(100, 2));
        }
    }
}
