// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

import org.callosum.api.Emission;
import org.callosum.api.EmitRefusedException;
import org.callosum.api.Message;
import org.callosum.journal.RecordingLogger;
import org.callosum.transport.ConnectionStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** A client whose bus comes and goes. */
@SuppressWarnings("try") // a bus that only has to be there
@Timeout(60)
class BusClientTest {
    private static final ClientSettings QUICK = new ClientSettings(
            ServerSettings.DEFAULT_FRAME_BYTES, 10_000, 16 << 20, Duration.ofMillis(1), Duration.ofMillis(20));

    @TempDir
    Path folder;

    private final RecordingLogger log = new RecordingLogger();
    private final RecordingReceiver receiver = new RecordingReceiver();
    private BusClient client;

    @AfterEach
    void stop() {
        client.stop();
    }

    @Test
    void whatIsEmittedBeforeTheBusIsThereIsKeptInOrder() throws Exception {
        start(QUICK);
        for (int i = 0; i < 1_000; i++) {
            assertThat(client.send(numbered(i))).isEqualTo(Emission.QUEUED);
        }
        assertThat(client.status().up()).isFalse();
        assertThat(counter("queued")).isEqualTo(1_000);

        try (ServedBus bus = ServedBus.in(folder)) {
            for (int i = 0; i < 1_000; i++) {
                assertThat(receiver.next().longNumber("n")).hasValue((long) i);
            }
            await().until(() -> counter("queued") == 0 && counter("queuedBytes") == 0);
            assertThat(client.send(numbered(1_000))).isEqualTo(Emission.SENT);
        }
    }

    @Test
    void itShowsItsOneConnectionAndConnectsAgainWhenThatIsClosed() throws Exception {
        try (ServedBus bus = ServedBus.in(folder)) {
            start(QUICK);
            await().until(() -> client.status().up());
            client.send(numbered(0));
            receiver.next();

            assertThat(client.connections()).singleElement().satisfies(connection -> {
                assertThat(connection.id()).isEqualTo(1);
                assertThat(connection.user())
                        .isEqualTo(Files.getOwner(bus.socket()).getName());
                assertThat(connection.group()).isNotEqualTo(ConnectionStatus.UNKNOWN);
                assertThat(connection.framesIn()).isEqualTo(1);
                assertThat(connection.bytesIn()).isPositive();
                assertThat(connection.framesOut()).isEqualTo(1);
                assertThat(connection.bytesOut()).isPositive();
                assertThat(connection.backlogBytes()).isZero();
            });
            assertThat(client.disconnect(2)).isFalse();
            assertThat(client.disconnect(1)).isTrue();

            await().until(() -> counter("reconnects") == 1 && client.status().up());
            assertThat(client.connections()).singleElement().satisfies(connection -> {
                assertThat(connection.id()).isEqualTo(2);
                assertThat(connection.framesIn()).isZero();
            });
            assertThat(client.disconnect(1)).isFalse();
            client.send(numbered(1));
            assertThat(receiver.next().longNumber("n")).hasValue(1L);
            assertThat(log.lines("WARN")).singleElement().asString().contains("disconnected by an operator");
        }
    }

    @Test
    void afterARestartOfTheBusTheOrderIsKept() throws Exception {
        try (ServedBus first = ServedBus.in(folder)) {
            start(QUICK);
            await().until(() -> client.status().up());
            client.send(numbered(0));
            assertThat(receiver.next().longNumber("n")).hasValue(0L);
        }
        await().until(() -> !client.status().up());
        for (int i = 1; i <= 100; i++) {
            client.send(numbered(i));
        }
        try (ServedBus second = ServedBus.in(folder)) {
            for (int i = 1; i <= 100; i++) {
                assertThat(receiver.next().longNumber("n")).hasValue((long) i);
            }
        }
        assertThat(counter("reconnects")).isEqualTo(1);
    }

    @Test
    void itsReceiverIsToldOnceForHowLongItWasNotOnTheBus() throws Exception {
        try (ServedBus first = ServedBus.in(folder)) {
            start(QUICK);
            await().until(() -> client.status().up());
        }
        await().until(() -> !client.status().up());
        assertThat(receiver.missed()).as("the first connection, and the loss").isEmpty();
        try (ServedBus second = ServedBus.in(folder)) {
            await().until(() -> client.status().up());
            client.send(numbered(1));
            receiver.next();
        }

        assertThat(receiver.missed()).singleElement().matches(gap -> !gap.isNegative());
    }

    @Test
    void aLossAndAReturnAreLoggedOnceEach() throws Exception {
        ScriptedBus bus = new ScriptedBus(socket());
        start(QUICK);
        bus.accept();
        await().until(() -> client.status().up());
        bus.close(); // the file stays: every attempt is refused now
        await().until(() -> log.lines("WARN").size() == 1);
        client.send(numbered(1));
        // Some twenty attempts at these settings; the way to see that they were made is that time has passed.
        await().pollDelay(Duration.ofMillis(200)).until(() -> true);
        bus.removeFile();
        try (ServedBus again = ServedBus.in(folder)) {
            receiver.next();
        }

        assertThat(log.lines("WARN").get(0))
                .contains("is gone (closed by the other end)", "is kept until it is back")
                .endsWith(" [socket=" + socket() + " reason=\"closed by the other end\"]");
        assertThat(log.lines("INFO")).hasSize(2);
        assertThat(log.lines("INFO").get(1))
                .contains("Connected again", "1 messages waited")
                .containsPattern(" \\[socket=" + socket() + " away_ms=[0-9]+ messages=1]$");
    }

    @Test
    void aBusThatIsNotThereYetIsLoggedOnce() throws Exception {
        start(QUICK);
        await().until(() -> log.lines("WARN").size() == 1);
        try (ServedBus bus = ServedBus.in(folder)) {
            await().until(() -> client.status().up());
        }
        assertThat(log.lines("WARN").get(0))
                .contains("No bus on", "up to 10000 messages or 16777216 bytes")
                .contains(" [socket=" + socket() + " reason=");
        assertThat(log.lines("INFO").get(0)).contains("Connected to the bus");
    }

    @Test
    void aFrameThatWasCutOffIsSentAgainWhole() throws Exception {
        Message big = Message.of("big", "e", Map.of("pad", "x".repeat(4 << 20))); // more than a socket holds
        ScriptedBus bus = new ScriptedBus(socket());
        start(QUICK);
        client.send(numbered(0));
        client.send(big);
        client.send(numbered(2));
        bus.accept();
        assertThat(bus.readLine()).isEqualTo(numbered(0).toJson());
        bus.read(1 << 20);
        bus.close();
        bus.removeFile();

        try (ServedBus again = ServedBus.in(folder)) {
            assertThat(receiver.next().toJson())
                    .startsWith(big.toJson().substring(0, big.toJson().length() - 1));
            assertThat(receiver.next().longNumber("n")).hasValue(2L);
        }
    }

    @Test
    void whatIsTooMuchToKeepIsRefusedAtOnce() throws Exception {
        start(new ClientSettings(10_000, 3, 16 << 20, Duration.ofMillis(1), Duration.ofMillis(20)));
        for (int i = 0; i < 3; i++) {
            client.send(numbered(i));
        }
        assertThatThrownBy(() -> client.send(numbered(3)))
                .isInstanceOf(EmitRefusedException.class)
                .hasMessageContaining("a/b")
                .hasMessageContaining("3 messages")
                .hasMessageContaining("queueMessages");

        try (ServedBus bus = ServedBus.in(folder)) {
            for (int i = 0; i < 3; i++) {
                assertThat(receiver.next().longNumber("n")).hasValue((long) i);
            }
            client.send(numbered(4)); // there is room again
            assertThat(receiver.next().longNumber("n")).hasValue(4L);
        }
    }

    @Test
    void theQueueIsBoundedInBytesToo() throws Exception {
        start(new ClientSettings(10_000, 10_000, 1_000, Duration.ofMillis(1), Duration.ofMillis(20)));
        Message half = Message.of("a", "b", Map.of("pad", "x".repeat(460)));
        client.send(half);
        client.send(half);
        assertThatThrownBy(() -> client.send(half))
                .isInstanceOf(EmitRefusedException.class)
                .hasMessageContaining("1000 bytes")
                .hasMessageContaining("queueBytes");
    }

    @Test
    void whatFindsNoRoomIsGivenUpAndToldAndTheBusIsNotHeldUp() throws Exception {
        try (ServedBus bus = ServedBus.in(folder)) {
            receiver.roomFor(2);
            start(QUICK);
            await().until(() -> client.status().up() && bus.counter("clients") == 1);
            try (WireClient sender = WireClient.connect(bus.socket())) {
                for (int i = 0; i < 5; i++) {
                    sender.send(Frames.numbered("s", i));
                }
                sender.readLines(5);
            }
            await().until(() -> counter("gaveUp") == 3);

            assertThat(receiver.givenUp())
                    .extracting(m -> m.longNumber("n").orElseThrow())
                    .containsExactly(2L, 3L, 4L);
            assertThat(receiver.waiting()).isEqualTo(2);
        }
    }

    @Test
    void itReadsWhileItCannotWrite() throws Exception {
        try (ScriptedBus bus = new ScriptedBus(socket())) {
            start(QUICK);
            bus.accept();
            client.send(Message.of("big", "e", Map.of("pad", "x".repeat(4 << 20)))); // nobody reads it
            for (int i = 0; i < 100; i++) {
                bus.write(Frames.numbered("s", i) + "\n");
                assertThat(receiver.next().longNumber("n")).hasValue((long) i);
            }
            assertThat(counter("queued")).isEqualTo(1);
        }
    }

    @Test
    void invalidFramesOfTheBusAreCountedAndLeftOut() throws Exception {
        try (ScriptedBus bus = new ScriptedBus(socket())) {
            start(QUICK);
            bus.accept();
            bus.write("x\n\n{}\n" + Frames.numbered("s", 1) + "\n");
            assertThat(receiver.next().longNumber("n")).hasValue(1L);
            assertThat(counter("invalid")).isEqualTo(2);
            assertThat(log.lines("WARN"))
                    .singleElement()
                    .asString()
                    .contains("Invalid frame of the bus", "'x'")
                    .endsWith(" [reason=\"it does not begin with '{'\"]");
        }
    }

    @Test
    void aFrameThatBreaksOffWithTheConnectionIsNoMistake() throws Exception {
        try (ScriptedBus bus = new ScriptedBus(socket())) {
            start(QUICK);
            bus.accept();
            bus.write("{\"tract\":\"a\",\"ev");
            bus.hangUp();
            bus.accept();
            bus.write(Frames.numbered("whole", 1)); // no line break, and yet a frame
            bus.hangUp();
            assertThat(receiver.next().tract()).isEqualTo("whole");
            assertThat(counter("invalid")).isZero();
        }
    }

    @Test
    void aFrameOfTheLongestLengthIsTakenWithTheTimeStampThatTheServerAdded() throws Exception {
        try (ScriptedBus bus = new ScriptedBus(socket())) {
            start(new ClientSettings(10_000, 10, 1 << 20, Duration.ofMillis(1), Duration.ofMillis(20)));
            bus.accept();
            String longest = Frames.ofLength(10_000, 1);
            String stamped = longest.substring(0, longest.length() - 1) + ",\"ts\":" + Long.MIN_VALUE + "}";
            bus.write(stamped + "\n");
            assertThat(receiver.next().toJson()).isEqualTo(stamped);

            bus.write(Frames.ofLength(20_000, 2) + "\n" + Frames.numbered("s", 3) + "\n");
            assertThat(receiver.next().longNumber("n")).hasValue(3L);
            await().until(() -> counter("tooLong") == 1);
            await().untilAsserted(() -> assertThat(log.lines("WARN"))
                    .singleElement()
                    .asString()
                    .contains("it is longer than 'maxFrameBytes' allows")
                    .endsWith(" [reason=\"too long\"]"));
        }
    }

    @Test
    void whatWaitsAtTheStopIsGivenUpAndSaidSo() throws Exception {
        start(QUICK);
        client.send(numbered(1));
        client.send(numbered(2));
        client.stop();
        assertThat(log.lines("WARN"))
                .last()
                .asString()
                .contains("2 messages", "are given up")
                .endsWith(" [socket=" + socket() + " messages=2]");
    }

    @Test
    void aPathThatIsTooLongIsRefused() {
        client = new BusClient(socket(), QUICK, () -> 1, new ContainerLog(log.logger()));
        assertThatThrownBy(() ->
                        new BusClient(Path.of("/" + "x".repeat(104)), QUICK, () -> 1, new ContainerLog(log.logger())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("104");
    }

    private void start(ClientSettings settings) throws Exception {
        client = new BusClient(socket(), settings, () -> 1, new ContainerLog(log.logger()));
        client.attach(receiver);
        client.start();
    }

    private Path socket() {
        return folder.resolve("callosum.sock");
    }

    private long counter(String name) {
        return client.status().counters().get(name);
    }

    private static Message numbered(int number) {
        return Message.of("a", "b", Map.of("n", number));
    }
}
