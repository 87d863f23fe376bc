// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

import org.callosum.journal.RecordingLogger;
import org.callosum.socket.PeerCredentials;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What clients that behave badly are to the bus and to their neighbours. Those that do not read are in {@link SlowClientTest},
 * what becomes of the socket file in {@link SocketLossTest}, frames that come byte by byte in {@link BusServerTest}.
 */
@SuppressWarnings("try") // a client that only has to be there
@Timeout(120)
class DisturbanceTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path folder;

    @Test
    void aDirectoryOfUsersThatDoesNotAnswerHoldsUpOnlyThoseWhoCome() throws Exception {
        PeerCredentials platform = PeerCredentials.ofPlatform();
        AtomicBoolean isStuck = new AtomicBoolean();
        CountDownLatch answers = new CountDownLatch(1);
        PeerCredentials directory = channel -> {
            if (isStuck.get()) {
                try {
                    answers.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
            return platform.of(channel);
        };
        try (ServedBus bus = ServedBus.asking(directory, folder);
                WireClient in = WireClient.join(bus.socket())) {
            isStuck.set(true);
            try (WireClient comes = WireClient.connect(bus.socket())) {
                await().until(() -> bus.counter("entering") == 1);
                in.send(Frames.numbered("since", 1));
                in.hello();
                assertThat(bus.counter("clients")).isEqualTo(1);

                answers.countDown();
                assertThat(comes.readLine()).isEqualTo(Frames.numbered("since", 1));
            }
        }
    }

    @Test
    void aLineThatNeverEndsIsDroppedBeyondTheLimitAndCountedAndItsSenderGoesOn() throws Exception {
        try (ServedBus bus = ServedBus.in(folder);
                WireClient sender = WireClient.join(bus.socket());
                WireClient neighbour = WireClient.join(bus.socket())) {
            sender.readLine(); // the neighbour's hello
            CompletableFuture<Void> sending = async(() -> {
                byte[] piece = "x".repeat(MIB).getBytes(StandardCharsets.US_ASCII);
                for (int i = 0; i < 48; i++) {
                    sender.write(piece);
                }
            });
            for (int i = 0; i < 100; i++) {
                neighbour.hello();
            }
            sending.join();
            await().until(() -> bus.counter("bytesIn") >= 48 * MIB);
            assertThat(bus.counter("tooLong")).as("counted before its end").isEqualTo(1);

            sender.send("\n" + Frames.numbered("after", 1));
            assertThat(neighbour.readLine()).isEqualTo(Frames.numbered("after", 1));
            assertThat(bus.counter("tooLong")).isEqualTo(1);
            assertThat(bus.counter("invalid")).isZero();
            assertThat(bus.log().lines("WARN"))
                    .singleElement()
                    .asString()
                    .contains("client 1 ", "raise 'maxFrameBytes'", " [client=1 user=", " reason=\"too long\"");
        }
    }

    @Test
    void aFloodOfInvalidFramesIsCountedToTheLastAndReachesNobody() throws Exception {
        int frames = 64 * 1024;
        try (ServedBus bus = ServedBus.in(folder);
                WireClient sender = WireClient.join(bus.socket());
                WireClient neighbour = WireClient.join(bus.socket())) {
            CompletableFuture<Void> sending = async(() -> {
                byte[] piece = ("{\"tract\":\"a\"" + "x".repeat(1_000) + "\n")
                        .repeat(1_024)
                        .getBytes(StandardCharsets.US_ASCII);
                for (int i = 0; i < frames / 1_024; i++) {
                    sender.write(piece);
                }
            });
            long hellos = 2;
            for (; !sending.isDone() || hellos < 100; hellos++) {
                neighbour.hello();
                sender.readLine();
            }
            sending.join();
            await().until(() -> bus.counter("invalid") == frames);

            assertThat(bus.counter("framesIn")).as("the hellos alone").isEqualTo(hellos);
            assertThat(bus.counter("clients")).isEqualTo(2);
            assertThat(bus.log().lines("WARN"))
                    .hasSizeLessThan(120) // one a second at most
                    .allMatch(line -> line.contains("Invalid frame of client 1 ")
                            && line.length() < 500
                            && line.contains(" [client=1 user=")
                            && line.contains(" tract=a reason=\"at byte "));
        }
    }

    @Test
    void clientsThatComeAndGoAllTheTimeAreCountedAndLeaveNothing() throws Exception {
        int connects = 3_000;
        try (ServedBus bus = ServedBus.in(folder);
                WireClient neighbour = WireClient.join(bus.socket())) {
            CompletableFuture<Void> coming = async(() -> {
                for (int i = 0; i < connects; i++) {
                    WireClient.connect(bus.socket()).close();
                }
            });
            while (!coming.isDone()) {
                neighbour.hello();
            }
            coming.join();
            await().until(() -> bus.counter("accepted") == connects + 1 && bus.counter("clients") == 1);

            assertThat(bus.server().closedConnections()).hasSize(100);
            neighbour.hello();
            assertThat(bus.log().lines()).as("the start alone").hasSize(1);
        }
    }

    @Test
    void whoTakesNothingMoreIsStillHeardUntilItEnds() throws Exception {
        try (ServedBus bus = ServedBus.in(folder);
                WireClient neighbour = WireClient.join(bus.socket());
                WireClient half = WireClient.join(bus.socket())) {
            neighbour.readLine(); // the other's hello
            half.channel().shutdownInput();
            for (int i = 0; i < 1_000; i++) {
                half.send(Frames.ofLength(1_000, i)); // would fill its socket if it were written to it
                assertThat(neighbour.readLine()).isEqualTo(Frames.ofLength(1_000, i));
            }
            assertThat(bus.counter("backlogBytes")).isZero();
            assertThat(bus.counter("clients")).isEqualTo(2);

            half.close();
            await().until(() -> bus.counter("clients") == 1);
        }
    }

    @Test
    void aClientThatIsKilledInTheMiddleOfAFrameTakesOnlyThatOneAlong() throws Exception {
        try (ServedBus bus = ServedBus.in(folder);
                WireClient neighbour = WireClient.join(bus.socket())) {
            Process victim = java(List.of(), Victim.class, bus.socket());
            assertThat(neighbour.readLine()).isEqualTo(Frames.numbered("victim", 1));
            await().until(() -> bus.counter("bytesIn") >= Victim.BYTES);
            victim.destroyForcibly().waitFor();

            await().until(() -> bus.counter("clients") == 1);
            assertThat(bus.counter("invalid")).as("what it had begun").isEqualTo(1);
            neighbour.hello(); // and nothing was between
            assertThat(bus.server().closedConnections().get(0).lastFrame()).isEqualTo("victim/e");
        }
    }

    @Test
    void aFrameThatComesByteByByteHoldsNobodyUp() throws Exception {
        try (ServedBus bus = ServedBus.in(folder);
                WireClient slow = WireClient.connect(bus.socket());
                WireClient neighbour = WireClient.join(bus.socket())) {
            byte[] frame = (Frames.numbered("slow", 1) + "\n").getBytes(StandardCharsets.US_ASCII);
            for (byte b : frame) {
                neighbour.hello(); // between any two bytes
                slow.write(new byte[] {b});
            }
            assertThat(neighbour.readLine()).isEqualTo(Frames.numbered("slow", 1));
        }
    }

    @Test
    void longFramesAmongShortOnesAreInOneOrderForAll() throws Exception {
        int longOnes = 4;
        int shortOnes = 400;
        int length = ServerSettings.DEFAULT_FRAME_BYTES;
        try (ServedBus bus = ServedBus.in(folder);
                WireClient bulky = WireClient.join(bus.socket());
                WireClient quick = WireClient.join(bus.socket())) {
            bulky.readLine(); // the other's hello
            CompletableFuture<Void> sending = async(() -> {
                for (int i = 0; i < longOnes; i++) {
                    bulky.send(Frames.ofLength(length, i));
                }
            });
            CompletableFuture<Void> sendingShort = async(() -> {
                for (int i = 0; i < shortOnes; i++) {
                    quick.send(Frames.numbered("short", i));
                }
            });
            CompletableFuture<List<String>> atBulky =
                    CompletableFuture.supplyAsync(() -> order(bulky, longOnes + shortOnes));
            List<String> atQuick = order(quick, longOnes + shortOnes);

            assertThat(atBulky.get(60, TimeUnit.SECONDS)).isEqualTo(atQuick);
            assertThat(atQuick).doesNotHaveDuplicates().hasSize(longOnes + shortOnes);
            assertThat(atQuick)
                    .filteredOn(name -> name.startsWith("short"))
                    .isSortedAccordingTo(DisturbanceTest::byNumber);
            sending.join();
            sendingShort.join();
            await().until(() -> bus.counter("backlogBytes") == 0);
            assertThat(bus.counter("tooLong")).isZero();
        }
    }

    @Test
    void withoutFileDescriptorsNobodyElseIsLetInUntilThereAreSomeAgain() throws Exception {
        Path socket = folder.resolve("callosum.sock");
        int descriptors = 100;
        Process process =
                java(List.of("sh", "-c", "ulimit -n " + descriptors + "; exec \"$@\"", "sh"), Poor.class, socket);
        List<WireClient> clients = new ArrayList<>();
        try (BufferedReader log =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(log.readLine()).contains("The bus is served on");
            for (int i = 0; i < 10; i++) {
                WireClient.join(socket).close(); // its classes come from files too, and are to be there by then
            }
            WireClient neighbour = WireClient.join(socket);
            clients.add(neighbour);
            for (int i = 0; i < descriptors; i++) {
                clients.add(WireClient.connect(socket));
            }
            assertThat(log.readLine())
                    .contains("WARN The bus cannot take new clients", "Too many open files")
                    .endsWith(" [reason=\"Too many open files\"]");
            for (int i = 0; i < 100; i++) {
                neighbour.hello(); // those connected go on
            }
            WireClient waiting = clients.remove(clients.size() - 1);
            for (WireClient client : clients.subList(1, clients.size())) {
                client.close();
            }
            clients.add(waiting);
            assertThat(log.readLine()).isEqualTo("INFO The bus takes new clients again");
            waiting.hello();
        } finally {
            process.destroyForcibly().waitFor();
            for (WireClient client : clients) {
                client.close();
            }
        }
    }

    /** The frames that come, by tract and number. */
    private static List<String> order(WireClient client, int count) {
        try {
            List<String> names = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String line = client.readLine();
                names.add((line.contains("\"short\"") ? "short " : "long ") + Frames.number(line));
            }
            return names;
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    private static int byNumber(String one, String other) {
        return Integer.compare(number(one), number(other));
    }

    private static int number(String name) {
        return Integer.parseInt(name.substring(name.indexOf(' ') + 1));
    }

    /** A Java program of these tests in a process of its own, with what comes before it on its command line. */
    private static Process java(List<String> before, Class<?> program, Path socket) throws IOException {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName(),
                socket.toString()));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private interface Sending {
        void run() throws IOException;
    }

    private static CompletableFuture<Void> async(Sending sending) {
        return CompletableFuture.runAsync(() -> {
            try {
                sending.run();
            } catch (IOException e) {
                throw new CompletionException(e);
            }
        });
    }

    /** Sends a frame and half of another one, and then does nothing until it is killed. */
    static final class Victim {
        private static final String WHOLE = Frames.numbered("victim", 1) + "\n";
        private static final String HALF = "{\"tract\":\"victim\",\"event\":\"e\",\"te";

        /** What it sends, and what the neighbour of this test has sent for its hello at least. */
        static final int BYTES = WHOLE.length() + HALF.length() + 40;

        private Victim() {}

        public static void main(String... arguments) throws Exception {
            WireClient client = WireClient.connect(Path.of(arguments[0]));
            client.write((WHOLE + HALF).getBytes(StandardCharsets.US_ASCII));
            Thread.currentThread().join();
        }
    }

    /** A server that says on its output what it logs. */
    static final class Poor {
        private Poor() {}

        public static void main(String... arguments) throws Exception {
            RecordingLogger log = new RecordingLogger();
            new BusServer(
                            Path.of(arguments[0]),
                            ServerSettings.DEFAULT,
                            Duration.ZERO,
                            PeerCredentials.ofPlatform(),
                            log.logger())
                    .start();
            for (int said = 0; ; LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5))) {
                List<String> lines = log.lines();
                for (; said < lines.size(); said++) {
                    System.out.println(lines.get(said));
                }
            }
        }
    }
}
