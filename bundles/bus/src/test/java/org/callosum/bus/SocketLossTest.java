// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

import org.callosum.api.Emission;
import org.callosum.api.EmitRefusedException;
import org.callosum.api.Message;
import org.callosum.journal.RecordingLogger;
import org.callosum.socket.PeerCredentials;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** A server whose socket file is deleted, or taken by another server, with those who are connected to it. */
@SuppressWarnings("try") // a bus that only has to be there
@Timeout(60)
class SocketLossTest {
    @TempDir
    Path folder;

    private final RecordingLogger log = new RecordingLogger();
    private BusEnd end;

    @AfterEach
    void stop() {
        if (end != null) {
            end.stop();
        }
    }

    @Test
    void aDeletedFileIsBoundAgainByItselfAndThoseConnectedStayInOneOrderWithTheNew() throws Exception {
        try (ServedBus bus = ServedBus.in(folder);
                WireClient old = WireClient.join(bus.socket())) {
            Files.delete(bus.socket());
            await().until(() -> Files.exists(bus.socket()));
            try (WireClient late = WireClient.join(bus.socket())) {
                old.readLine(); // the other's hello
                old.send(Frames.numbered("old", 1));
                assertThat(late.readLine()).isEqualTo(Frames.numbered("old", 1));
                assertThat(old.readLine()).isEqualTo(Frames.numbered("old", 1));
            }
            assertThat(bus.counter("boundAgain")).isEqualTo(1);
            assertThat(bus.counter("clients")).isPositive();
        }
        assertThat(folder.resolve("callosum.sock")).doesNotExist();
    }

    @Test
    void whoWaitedAtTheDeletedFilesSocketIsLetInToo() throws Exception {
        try (ServedBus bus = ServedBus.in(folder)) {
            for (int i = 0; i < 50; i++) {
                try (WireClient client = WireClient.connect(bus.socket())) {
                    Files.delete(bus.socket());
                    bus.server().look();
                    client.hello();
                }
            }
            assertThat(bus.counter("boundAgain")).isEqualTo(50);
        }
    }

    @Test
    void aFileThatWasOnlyTouchedChangesNothing() throws Exception {
        try (ServedBus bus = ServedBus.in(folder);
                WireClient client = WireClient.join(bus.socket())) {
            Files.setLastModifiedTime(bus.socket(), FileTime.fromMillis(1));
            bus.server().look();
            await().until(() -> bus.counter("accepted") >= 2); // the knock
            bus.server().look();
            bus.server().look();

            client.hello();
            assertThat(bus.counter("displaced")).isZero();
            assertThat(bus.counter("boundAgain")).isZero();
            assertThat(bus.log().lines("ERROR")).isEmpty();
        }
    }

    @Test
    void aServerThatIsReplacedSendsItsClientsOverAndServesAgainWhenThePlaceIsFree() throws Exception {
        var receiver = new RecordingReceiver();
        try (ServedBus bus = ServedBus.in(folder);
                WireClient client = WireClient.join(bus.socket())) {
            bus.server().attach(receiver);
            takeAway(bus.socket());
            try (ServedBus other = ServedBus.in(folder)) {
                assertThat(client.readLine()).as("sent over").isNull(); // noticed by itself
                assertThat(bus.server().status().up()).isFalse();
                assertThat(bus.log().lines("ERROR"))
                        .singleElement()
                        .asString()
                        .contains("was taken by another server", "never taken away", "configure mode 'auto'")
                        .endsWith(" [socket=" + bus.socket() + "]");
                assertThatThrownBy(() -> bus.server().send(Message.of("a", "b", Map.of())))
                        .isInstanceOf(EmitRefusedException.class)
                        .hasMessageContaining("another server has taken the socket");
                await().until(() -> bus.server().closedConnections().stream()
                        .anyMatch(closed -> closed.reason().contains("sent over to it")));
                assertThat(bus.counter("displaced")).isEqualTo(1);
                assertThat(bus.counter("sentOver")).isPositive();
                WireClient.join(bus.socket()).close(); // the other one was left alone
                assertThat(other.log().lines("ERROR")).isEmpty();
            }
            await().until(() -> bus.server().status().up());
            WireClient.join(bus.socket()).close();
            await().until(() -> receiver.missed().size() == 1);
            assertThat(receiver.missed().get(0)).isPositive();
            assertThat(bus.server().send(Message.of("a", "b", Map.of()))).isEqualTo(Emission.SENT);
        }
    }

    @Test
    void inModeAutoAReplacedServerBecomesTheOthersClientAndKeepsItsReceiver() throws Exception {
        var receiver = new RecordingReceiver();
        end = BusMode.AUTO.start(socket(), ServerSettings.DEFAULT, ClientSettings.DEFAULT, log.logger());
        end.attach(receiver);
        try (WireClient client = WireClient.join(socket())) {
            assertThat(receiver.next().tract()).isEqualTo("test");
            takeAway(socket());
            try (ServedBus other = ServedBus.in(folder)) {
                assertThat(client.readLine()).as("sent over").isNull();
                await().until(() -> end.status().up());
                assertThat(end.status().mode()).isEqualTo("client");
                try (WireClient again = WireClient.join(other.socket())) {
                    assertThat(receiver.next().tract()).isEqualTo("test"); // its hello
                    end.send(Message.of("own", "e", Map.of("ts", 1)));
                    assertThat(again.readLine()).contains("\"own\"");
                    assertThat(receiver.next().tract()).isEqualTo("own");
                }
                assertThat(receiver.missed()).hasSize(1);
                assertThat(log.lines("ERROR"))
                        .singleElement()
                        .asString()
                        .contains("was taken by another server: this runtime becomes its client")
                        .endsWith(" [socket=" + socket() + "]");
                assertThat(end.status().counters())
                        .containsEntry("displaced", 1L)
                        .containsEntry("sentOver", 1L)
                        .containsKey("reconnects");
                assertThat(end.closedConnections()).singleElement().satisfies(closed -> assertThat(closed.reason())
                        .contains("another server has taken the socket"));

                end.detach(receiver);
                end.attach(new RecordingReceiver()); // a core that is updated
                end.stop();
                WireClient.join(other.socket()).close();
            }
        }
    }

    @Test
    void inModeAutoAReceiverThatFailsWhenItIsToldWhatItMissedGoesOverAllTheSame() throws Exception {
        end = BusMode.AUTO.start(socket(), ServerSettings.DEFAULT, ClientSettings.DEFAULT, log.logger());
        end.attach(new RecordingReceiver() {
            @Override
            public void missed(Instant from, Instant to) {
                throw new IllegalStateException("broken");
            }
        });
        try (WireClient client = WireClient.join(socket())) {
            takeAway(socket());
            try (ServedBus other = ServedBus.in(folder)) {
                assertThat(client.readLine()).as("sent over").isNull();
                await().until(() ->
                        end.status().mode().equals("client") && end.status().up());
                end.stop();
                WireClient.join(other.socket()).close();
            }
        }
    }

    @Test
    void inModeAutoItSaysWhatToDoWhenTheServerThatHasTakenItsPlaceIsGone() throws Exception {
        end = BusMode.AUTO.start(socket(), ServerSettings.DEFAULT, ClientSettings.DEFAULT, log.logger());
        try (WireClient client = WireClient.join(socket())) {
            takeAway(socket());
            try (ServedBus other = ServedBus.in(folder)) {
                assertThat(client.readLine()).as("sent over").isNull();
                await().until(() -> end.status().up());
                WireClient.join(other.socket()).close();
            }
        }

        await().until(() -> !end.status().up());
        await().untilAsserted(() -> assertThat(log.lines("WARN")).anySatisfy(line -> assertThat(line.toString())
                .contains(
                        "is not replaced by this runtime", "save 'mode = server' in the configuration org.callosum.bus")
                .endsWith(" [socket=" + socket() + "]")));
        assertThat(end.status().mode()).isEqualTo("client");
    }

    @Test
    void whatIsEmittedWhileItGivesWayGoesToTheOneOrTheOtherOnce() throws Exception {
        var receiver = new RecordingReceiver();
        end = BusMode.AUTO.start(socket(), ServerSettings.DEFAULT, ClientSettings.DEFAULT, log.logger());
        end.attach(receiver);
        takeAway(socket());
        try (ServedBus other = ServedBus.in(folder)) {
            int sent = 0;
            while (!end.status().mode().equals("client") || sent < 100) {
                end.send(Message.of("own", "e", Map.of("n", sent++)));
                assertThat(receiver.next().toMap()).containsEntry("n", sent - 1L); // back before the next one
            }
            assertThat(receiver.waiting()).isZero();
            assertThat(receiver.reservedBytes()).isZero();
        }
    }

    @Test
    void whatItsClientsHaveSentIsTakenBeforeTheyAreSentOver() throws Exception {
        var receiver = new RecordingReceiver();
        receiver.roomFor(0); // it takes nothing yet
        end = BusMode.AUTO.start(socket(), ServerSettings.DEFAULT, ClientSettings.DEFAULT, log.logger());
        end.attach(receiver);
        try (WireClient client = WireClient.connect(socket())) {
            for (int i = 0; i < 100; i++) {
                client.send(Frames.numbered("c", i));
            }
            takeAway(socket());
            try (ServedBus other = ServedBus.in(folder)) {
                receiver.roomFor(Long.MAX_VALUE); // and nobody says so to the loop
                for (int i = 0; i < 100; i++) {
                    assertThat(receiver.next().toMap()).containsEntry("n", (long) i);
                }
                await().until(() -> end.status().up());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1}) // nothing of it is read, or all of it is and one frame is taken
    void whoseFramesThereIsNoRoomForAreCounted(long room) throws Exception {
        var receiver = new RecordingReceiver();
        receiver.roomFor(room);
        end = BusMode.AUTO.start(socket(), ServerSettings.DEFAULT, ClientSettings.DEFAULT, log.logger());
        end.attach(receiver);
        try (WireClient client = WireClient.connect(socket());
                WireClient silent = WireClient.connect(socket())) {
            client.send(Frames.numbered("c", 0) + "\n" + Frames.numbered("c", 1));
            await().until(() -> end.status().counters().get("clients") == 2);
            takeAway(socket());
            try (ServedBus other = ServedBus.in(folder)) {
                await().until(() -> end.status().mode().equals("client"));

                assertThat(end.status().counters()).containsEntry("givenUpClients", 1L);
                assertThat(receiver.waiting()).isEqualTo((int) room);
                assertThat(log.lines("WARN"))
                        .contains("WARN What 1 clients had sent is given up with them: there was no room for it"
                                + " [clients=1]");
            }
        }
    }

    @Test
    void whatThoseHaveSentWhoAreNotLetInYetIsTakenToo() throws Exception {
        try (var receiver = new GatedReceiver()) {
            end = BusMode.AUTO.start(socket(), ServerSettings.DEFAULT, ClientSettings.DEFAULT, log.logger());
            end.attach(receiver);
            try (WireClient first = WireClient.connect(socket())) {
                first.send(Frames.numbered("first", 0));
                receiver.awaitEntered(); // from now on the loop does nothing
                List<WireClient> waiting = new ArrayList<>();
                for (int i = 0; i < 2 * Entrance.TURN_CLIENTS / 3; i++) {
                    waiting.add(WireClient.connect(socket()));
                    waiting.get(i).send(Frames.numbered("waiting", i));
                    waiting.get(i).send(Frames.ofLength(50_000, i));
                }
                takeAway(socket());
                try (ServedBus other = ServedBus.in(folder)) {
                    await().until(() -> log.lines("ERROR").size() == 1); // it is noticed, and the loop is to end
                    receiver.open();

                    assertThat(receiver.next().tract()).isEqualTo("first");
                    for (int i = 0; i < waiting.size(); i++) {
                        assertThat(receiver.next().toMap())
                                .containsEntry("tract", "waiting")
                                .containsEntry("n", (long) i);
                        assertThat(receiver.next().toMap())
                                .containsEntry("tract", "big")
                                .containsEntry("n", (long) i);
                    }
                    for (WireClient client : waiting) {
                        assertThat(lastLine(client)).as("sent over").isNotNull();
                        client.close();
                    }
                    await().until(() -> end.status().up());
                }
            }
        }
    }

    @Test
    void ofWhomItIsNotKnownInTimeWhoTheyAreAreSentOverAndCounted() throws Exception {
        CountDownLatch answers = new CountDownLatch(1);
        PeerCredentials directory = channel -> {
            try {
                answers.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return Optional.empty();
        };
        end = new AutoBus(
                displaced -> new BusServer(
                        socket(), ServerSettings.DEFAULT, Duration.ZERO, directory, displaced, log.logger()),
                () -> new BusClient(socket(), ClientSettings.DEFAULT, () -> 0, new ContainerLog(log.logger())),
                log.logger());
        end.start();
        try (WireClient first = WireClient.connect(socket());
                WireClient second = WireClient.connect(socket())) {
            await().until(() -> end.status().counters().get("entering") == 2);
            takeAway(socket());
            try (ServedBus other = ServedBus.in(folder)) {
                await().until(() -> end.status().mode().equals("client"));

                assertThat(end.status().counters()).containsEntry("givenUpClients", 2L);
                assertThat(log.lines("WARN"))
                        .singleElement()
                        .asString()
                        .startsWith("WARN 2 clients are sent over before they were let in")
                        .endsWith(" [clients=2]");
                assertThat(second.readLine()).as("not looked at yet").isNull();
                answers.countDown();
                assertThat(first.readLine()).isNull();
            }
        }
    }

    @Test
    void theRestOfAFrameThatHasBegunLongAgoIsTakenBeforeTheyAreSentOver() throws Exception {
        try (var receiver = new GatedReceiver()) {
            end = BusMode.AUTO.start(socket(), ServerSettings.DEFAULT, ClientSettings.DEFAULT, log.logger());
            end.attach(receiver);
            try (WireClient client = WireClient.connect(socket());
                    WireClient other = WireClient.connect(socket())) {
                byte[] frame = (Frames.ofLength(100_000, 1) + "\n").getBytes(StandardCharsets.UTF_8);
                client.write(Arrays.copyOf(frame, 10));
                await().until(() -> end.status().counters().get("bytesIn") == 10);
                other.send(Frames.numbered("first", 0));
                receiver.awaitEntered();
                client.write(Arrays.copyOfRange(frame, 10, frame.length));
                takeAway(socket());
                try (ServedBus successor = ServedBus.in(folder)) {
                    await().until(() -> log.lines("ERROR").size() == 1);
                    receiver.open();

                    assertThat(receiver.next().tract()).isEqualTo("first");
                    assertThat(receiver.next().tract()).isEqualTo("big");
                    await().until(() -> end.status().up());
                }
            }
        }
    }

    @Test
    void settingsThatWereChangedMeanwhileHoldForTheClientToo() throws Exception {
        end = BusMode.AUTO.start(socket(), ServerSettings.DEFAULT, ClientSettings.DEFAULT, log.logger());
        ClientSettings one = new ClientSettings(10_000, 1, 1 << 20, Duration.ofMillis(1), Duration.ofMillis(20));
        end.apply(new BusSettings(BusMode.AUTO, socket(), ServerSettings.DEFAULT, one));
        takeAway(socket());
        try (ServedBus other = ServedBus.in(folder)) {
            await().until(() ->
                    end.status().mode().equals("client") && end.status().up());
        }
        await().until(() -> !end.status().up());
        end.send(Message.of("a", "b", Map.of()));
        assertThatThrownBy(() -> end.send(Message.of("a", "b", Map.of())))
                .hasMessageContaining("the limit is 1 messages");
    }

    @Test
    void aStopWhileItGivesWayEndsIt() throws Exception {
        for (int round = 0; round < 3; round++) {
            end = BusMode.AUTO.start(socket(), ServerSettings.DEFAULT, ClientSettings.DEFAULT, log.logger());
            end.attach(new RecordingReceiver());
            takeAway(socket());
            try (ServedBus other = ServedBus.in(folder)) {
                AutoBus auto = (AutoBus) end;
                Thread looks = new Thread(() -> {
                    auto.look();
                    auto.look();
                });
                looks.start();
                end.stop();
                looks.join();

                assertThat(end.status().up()).isFalse();
                assertThat(other.server().status().up()).isTrue();
            }
        }
    }

    private static String lastLine(WireClient client) throws IOException {
        String last = null;
        for (String line = client.readLine(); line != null; line = client.readLine()) {
            last = line;
        }
        return last;
    }

    /** Holds the loop from its first message on, until it is opened. */
    private static final class GatedReceiver extends RecordingReceiver implements AutoCloseable {
        private final CountDownLatch entered = new CountDownLatch(1);
        private final CountDownLatch opened = new CountDownLatch(1);

        void awaitEntered() throws InterruptedException {
            entered.await();
        }

        void open() {
            opened.countDown();
        }

        @Override
        public void receive(Message message, boolean isReserved) {
            entered.countDown();
            try {
                opened.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            super.receive(message, isReserved);
        }

        @Override
        public void close() {
            open();
        }
    }

    /** Makes room for another server's file, which is not to get the number of the one before within the same millisecond. */
    private void takeAway(Path socket) throws IOException {
        Files.move(socket, Files.createTempFile(folder, "old", ".sock"), StandardCopyOption.REPLACE_EXISTING);
    }

    private Path socket() {
        return folder.resolve("callosum.sock");
    }
}
