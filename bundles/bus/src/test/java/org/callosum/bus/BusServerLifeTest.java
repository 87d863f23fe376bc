// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

import org.callosum.api.EmitRefusedException;
import org.callosum.api.Message;
import org.callosum.socket.LiveSocketException;
import org.callosum.socket.PeerCredentials;
import org.callosum.transport.ConnectionStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** How a server starts and stops. */
@SuppressWarnings("try") // a client that only has to be there
@Timeout(60)
class BusServerLifeTest {
    @TempDir
    Path folder;

    @Test
    void afterTheStopNothingIsLeft() throws Exception {
        long before = openSockets();
        ServedBus bus = ServedBus.in(folder);
        try (WireClient client = WireClient.join(bus.socket());
                WireClient stalled = WireClient.connect(bus.socket())) {
            stalled.send(Frames.numbered("s", 1));
            client.readLine();
            bus.close();
            assertThat(client.readLine()).isNull();
        }

        await().until(() -> openSockets() == before);
        assertThat(bus.socket()).doesNotExist();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("callosum-bus-server");
        assertThat(bus.server().status().up()).isFalse();
        assertThat(bus.counter("clients")).isZero();
        assertThat(bus.server().closedConnections())
                .extracting(ConnectionStatus::reason)
                .containsOnly("the bus stopped");
        bus.close();
    }

    @Test
    void aServerThatCouldNotStartLeavesNothingAndCanBeStopped() throws Exception {
        try (ServedBus bus = ServedBus.in(folder)) {
            long before = openSockets();
            BusServer second = new BusServer(
                    bus.socket(),
                    ServerSettings.DEFAULT,
                    Duration.ZERO,
                    PeerCredentials.ofPlatform(),
                    bus.log().logger());
            assertThatThrownBy(second::start).isInstanceOf(LiveSocketException.class);
            second.stop();

            await().until(() -> openSockets() == before); // the first one closes its end of the attempt in its own time
            WireClient.join(bus.socket()).close(); // the first one lives
        }
    }

    @Test
    void aFileThatAKilledServerLeftIsReplaced() throws Exception {
        BusSocket.file(folder.resolve("callosum.sock")).bind().close();
        try (ServedBus bus = ServedBus.in(folder)) {
            WireClient.join(bus.socket()).close();
        }
    }

    @Test
    void aServerCanBeFollowedByAnotherAtOnce() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (ServedBus bus = ServedBus.in(folder)) {
                WireClient.join(bus.socket()).close();
            }
        }
    }

    @Test
    void whoReadsGetsAllThatWasEmittedBeforeTheStop() throws Exception {
        ServedBus bus = ServedBus.in(folder);
        int frames = 2_000;
        try (WireClient client = WireClient.join(bus.socket())) {
            for (int i = 0; i < frames; i++) {
                bus.server().send(Message.of("own", "e", Map.of("n", i, "pad", "x".repeat(1_000))));
            }
            Thread stopping = new Thread(bus::close);
            stopping.start();
            for (int i = 0; i < frames; i++) {
                assertThat(Frames.number(client.readLine())).isEqualTo(i);
            }
            assertThat(client.readLine()).isNull();
            stopping.join();
        }
    }

    @Test
    void everyMessageIsEitherBroughtOrRefusedHoweverTheStopFalls() throws Exception {
        for (int round = 0; round < 10; round++) {
            ServedBus bus = ServedBus.in(folder);
            var receiver = new RecordingReceiver();
            bus.server().attach(receiver);
            CountDownLatch begun = new CountDownLatch(200);
            int[] sent = {0};
            Thread emitter = new Thread(() -> {
                try {
                    while (true) {
                        bus.server().send(Message.of("own", "e", Map.of("n", sent[0])));
                        sent[0]++;
                        begun.countDown();
                    }
                } catch (EmitRefusedException stopped) {
                    // what this is about
                }
            });
            emitter.start();
            begun.await();
            bus.close();
            emitter.join();

            assertThat(receiver.waiting()).isEqualTo(sent[0]);
            assertThat(receiver.reservedBytes()).isZero();
        }
    }

    @Test
    void aStopDoesNotWaitForWhoDoesNotReadLongerThanItMust() throws Exception {
        ServedBus bus = ServedBus.in(folder);
        try (WireClient stalled = WireClient.join(bus.socket())) {
            for (int i = 0; i < 200; i++) {
                bus.server().send(Message.of("own", "e", Map.of("pad", "x".repeat(10_000))));
            }
            bus.close(); // bounded by this test's time limit; two seconds, as the log says

            assertThat(bus.server().closedConnections().get(0).backlogBytes()).isPositive();
            assertThat(bus.log().lines("ERROR")).isEmpty();
        }
    }

    @Test
    void whoComesWhileItStopsFindsNobodyAndThoseConnectedGetTheRest() throws Exception {
        ServedBus bus = ServedBus.in(folder);
        Path way = Files.createLink(folder.resolve("way.sock"), bus.socket()); // leads there when the file is gone, too
        int frames = 200;
        try (WireClient slow = WireClient.join(bus.socket())) {
            for (int i = 0; i < frames; i++) {
                bus.server().send(Message.of("own", "e", Map.of("n", i, "pad", "x".repeat(10_000))));
            }
            Thread stopping = new Thread(bus::close);
            stopping.start();
            await().until(() -> !leadsSomewhere(way));
            for (int i = 0; i < frames; i++) {
                assertThat(Frames.number(slow.readLine())).isEqualTo(i);
            }
            assertThat(slow.readLine()).isNull();
            stopping.join();
        }
    }

    @Test
    void aServerIsStartedOnce() throws Exception {
        try (ServedBus bus = ServedBus.in(folder)) {
            assertThatThrownBy(() -> bus.server().start()).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void itSaysWhereItServes() throws Exception {
        ServedBus bus = ServedBus.in(folder);
        bus.close();
        assertThat(bus.log().lines())
                .isEqualTo(List.of(
                        "INFO The bus is served on " + bus.socket() + " [socket=" + bus.socket() + "]",
                        "INFO The bus on " + bus.socket() + " is no longer served [socket=" + bus.socket() + "]"));
    }

    private static boolean leadsSomewhere(Path socket) throws IOException {
        try (WireClient visitor = WireClient.connect(socket)) {
            return true;
        } catch (ConnectException nobody) {
            return false;
        }
    }

    private static long openSockets() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.filter(BusServerLifeTest::isSocket).count();
        }
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }
}
