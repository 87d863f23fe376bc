// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.client;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.callosum.api.Emission;
import org.callosum.api.EmitRefusedException;
import org.callosum.api.Gap;
import org.callosum.api.Message;
import org.callosum.bus.ServedBus;
import org.callosum.bus.WireClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** A client of a program's own, on a real socket. */
@SuppressWarnings("try") // a bus that only has to be there
@Timeout(60)
class CallosumClientTest {
    @TempDir
    Path folder;

    private final List<CallosumClient> clients = new ArrayList<>();
    private final BlockingQueue<Object> told = new LinkedBlockingQueue<>();
    private final CountDownLatch gate = new CountDownLatch(1);
    private final Set<Thread> others = Thread.getAllStackTraces().keySet();
    private JdkLog log;

    @BeforeEach
    void listenToTheLog() {
        log = JdkLog.of(CallosumClient.LOGGER);
    }

    @AfterEach
    void close() {
        gate.countDown();
        clients.forEach(CallosumClient::close);
        log.close();
        await().untilAsserted(() -> assertThat(threads()).isEmpty());
    }

    @Test
    void aListenerGetsWhatItListensToInTheBussOrder() throws Exception {
        try (ServedBus bus = ServedBus.in(folder)) {
            CallosumClient client = client();
            client.listen("door", "opened", message -> told.add("door/opened " + n(message)));
            client.listen("door", CallosumClient.ANY, message -> told.add("door/* " + n(message)));
            client.listen(CallosumClient.ANY, "opened", message -> told.add("*/opened " + n(message)));
            connected(client);
            try (WireClient other = WireClient.join(bus.socket())) {
                other.send("{\"tract\":\"door\",\"event\":\"opened\",\"n\":1}");
                other.send("{\"tract\":\"Door\",\"event\":\"Opened\",\"n\":2}");
                other.send("{\"tract\":\"door\",\"event\":\"closed\",\"n\":3}");
                other.send("{\"tract\":\"window\",\"event\":\"opened\",\"n\":4}");
            }

            assertThat(next(5)).containsExactly("door/opened 1", "door/* 1", "*/opened 1", "door/* 3", "*/opened 4");
        }
    }

    @Test
    void whatIsEmittedComesBackLikeAnyOthersMessage() throws Exception {
        try (ServedBus bus = ServedBus.in(folder)) {
            CallosumClient client = client().listen("a", "b", told::add);
            connected(client);

            assertThat(client.emit("a", "b", Map.of("n", 1))).isEqualTo(Emission.SENT);
            assertThat(((Message) next()).longNumber("n")).hasValue(1L);
        }
    }

    @Test
    void whatIsEmittedBeforeTheBusIsThereIsKeptInOrder() throws Exception {
        CallosumClient client = client().listen("a", "b", message -> told.add(n(message)));
        assertThat(client.emit(numbered(0))).isEqualTo(Emission.QUEUED);
        client.connect();
        assertThat(client.awaitConnected(Duration.ofMillis(1))).isFalse();
        assertThat(client.emit(numbered(1))).isEqualTo(Emission.QUEUED);

        try (ServedBus bus = ServedBus.in(folder)) {
            assertThat(next(2)).containsExactly(0L, 1L);
        }
    }

    @Test
    void overARestartOfTheBusItSaysWhatHappenedAndLosesNothingOfItsOwn() throws Exception {
        CallosumClient client = remember(builder()
                .onConnection(tellConnection())
                .onGap(told::add)
                .build()
                .listen("a", "b", message -> told.add(n(message))));
        try (ServedBus first = ServedBus.in(folder)) {
            connected(client);
            client.emit(numbered(0));
            assertThat(next(2)).containsExactly("connected", 0L);
        }
        assertThat(next()).isEqualTo("lost: closed by the other end");
        assertThat(client.isConnected()).isFalse();
        assertThat(client.emit(numbered(1))).isEqualTo(Emission.QUEUED);

        try (ServedBus second = ServedBus.in(folder)) {
            assertThat(next()).isEqualTo("connected");
            assertThat(next()).isInstanceOfSatisfying(Gap.class, gap -> {
                assertThat(gap.reason()).isEqualTo(Gap.Reason.BUS_AWAY);
                assertThat(gap.events()).isEmpty();
            });
            assertThat(next()).isEqualTo(1L);
            assertThat(counter(client, "reconnects")).isEqualTo(1);
        }
    }

    @Test
    void aListenerThatIsStuckHoldsUpNeitherTheSocketNorTheOthersAndIsToldWhatItMissed() throws Exception {
        int count = 1_000;
        try (ServedBus bus = ServedBus.in(folder)) {
            CountDownLatch entered = new CountDownLatch(1);
            CallosumClient client =
                    remember(builder().listenBytes(20_000).onGap(told::add).build());
            client.listen("s", "e", message -> {
                entered.countDown();
                gate.await();
                told.add(n(message));
            });
            connected(client);
            try (WireClient other = WireClient.join(bus.socket())) {
                for (int i = 0; i < count; i++) {
                    other.send(frame(i));
                }
                entered.await();
                assertThat(other.readLines(count)).last().asString().contains("\"n\":" + (count - 1));
                await().until(() -> counter(client, "gaveUp") + counter(client, "listenMessages") == count);
                assertThat(counter(client, "listenBytes")).isLessThanOrEqualTo(20_000);
                assertThat(client.emit("mine", "e", Map.of()))
                        .as("while it is stuck")
                        .isEqualTo(Emission.SENT);
                assertThat(other.readLine()).contains("mine");
                long kept = counter(client, "listenMessages");
                long missing = count - kept;
                assertThat(counter(client, "gaveUp")).isEqualTo(missing).isPositive();

                gate.countDown();
                for (long i = 0; i < kept; i++) {
                    assertThat(next()).isEqualTo(i);
                }
                assertThat(next()).isInstanceOfSatisfying(Gap.class, gap -> {
                    assertThat(gap.reason()).isEqualTo(Gap.Reason.QUEUE_FULL);
                    assertThat(gap.events()).isEqualTo(OptionalLong.of(missing));
                });
                other.send(frame(count));
                assertThat(next()).isEqualTo((long) count);
                await().until(() -> counter(client, "listenBytes") == 0);
                assertThat(log.lines("WARNING"))
                        .anySatisfy(line -> assertThat(line)
                                .contains(
                                        "The listeners do not keep up: " + kept + " messages of",
                                        "'listenBytes' is 20000",
                                        " [messages=" + kept + " bytes=",
                                        " full_bytes=20000]"))
                        .anySatisfy(line -> assertThat(line)
                                .contains(
                                        "The listeners miss " + missing + " events",
                                        "(QUEUE_FULL)",
                                        " [reason=QUEUE_FULL events=" + missing + " from="));
            }
        }
    }

    @Test
    void whatAListenerThrowsIsCountedAndSaidAndReachesNobody() throws Exception {
        try (ServedBus bus = ServedBus.in(folder)) {
            CallosumClient client = client();
            client.listen("a", "b", message -> {
                throw new java.io.IOException("an exception");
            });
            client.listen("a", "b", message -> {
                throw new StackOverflowError("an error");
            });
            client.listen("a", "b", message -> Thread.currentThread().interrupt());
            client.listen("a", "b", message -> told.add(n(message) + " " + Thread.interrupted()));
            connected(client);
            client.emit(numbered(0));
            client.emit(numbered(1));

            assertThat(next(2)).containsExactly("0 false", "1 false");
            assertThat(client.isConnected()).isTrue();
            assertThat(counter(client, "listenerFailures")).isGreaterThanOrEqualTo(4);
            assertThat(log.records("SEVERE")).first().satisfies(record -> {
                assertThat(record.getMessage())
                        .contains("CallosumClientTest", "on a/b failed on a/b")
                        .endsWith(" on a/b\" tract=a event=b]");
                assertThat(record.getThrown()).hasMessage("an exception");
            });
        }
    }

    @Test
    void anErrorThatCannotBePrintedReachesNobodyEither() throws Exception {
        try (ServedBus bus = ServedBus.in(folder)) {
            CallosumClient client = client();
            client.listen("a", "b", message -> {
                throw new UnprintableError();
            });
            client.listen("a", "b", message -> told.add(n(message)));
            connected(client);
            client.emit(numbered(0));

            assertThat(next()).isEqualTo(0L);
            assertThat(counter(client, "listenerFailures")).isEqualTo(1);
            assertThat(log.lines("SEVERE"))
                    .singleElement()
                    .asString()
                    .contains("UnprintableError", "cannot be printed")
                    .endsWith(" on a/b\" tract=a event=b]");
        }
    }

    @Test
    void whatTheOtherListenersThrowReachesNobodyEither() throws Exception {
        CallosumClient client = remember(builder()
                .onConnection(new ConnectionListener() {
                    @Override
                    public void connected() {
                        told.add("connected");
                        throw new AssertionError("thrown by a test");
                    }
                })
                .onGap(gap -> {
                    throw new Exception("thrown by a test");
                })
                .build()
                .listen("a", "b", message -> told.add(n(message))));
        try (ServedBus first = ServedBus.in(folder)) {
            connected(client);
            assertThat(next()).isEqualTo("connected"); // a connection that nobody was told of is not told as lost
        }
        await().until(() -> !client.isConnected());
        client.emit(numbered(1));
        try (ServedBus second = ServedBus.in(folder)) {
            assertThat(next(2)).containsExactly("connected", 1L);
            assertThat(counter(client, "listenerFailures")).isEqualTo(3);
        }
    }

    @Test
    void aListenerMayEmit() throws Exception {
        try (ServedBus bus = ServedBus.in(folder)) {
            CallosumClient client = client();
            client.listen("a", "b", message -> client.emit("answer", "e", Map.of("n", n(message) + 1)));
            client.listen("answer", "e", message -> told.add(n(message)));
            connected(client);
            for (int i = 0; i < 100; i++) {
                client.emit(numbered(i));
                assertThat(next()).isEqualTo(i + 1L);
            }
        }
    }

    @Test
    void aListenerMayClose() throws Exception {
        try (ServedBus bus = ServedBus.in(folder)) {
            CallosumClient client = client();
            client.listen("a", "b", message -> {
                client.emit("last", "e", Map.of());
                client.close();
                client.close();
                told.add("closed by " + n(message));
            });
            connected(client);
            try (WireClient other = WireClient.join(bus.socket())) {
                client.emit(numbered(1));
                client.emit(numbered(2));
                assertThat(next()).isEqualTo("closed by 1");
                await().untilAsserted(() -> assertThat(threads()).isEmpty());
                assertThat(told).isEmpty();
                assertThat(other.readLines(3)).last().asString().contains("last");
            }
            assertThatThrownBy(() -> client.emit(numbered(3)))
                    .isInstanceOf(EmitRefusedException.class)
                    .hasMessageContaining("has stopped");
        }
    }

    @Test
    void aListenerAndAnotherThreadMayCloseAtOnce() throws Exception {
        try (ServedBus bus = ServedBus.in(folder)) {
            CountDownLatch entered = new CountDownLatch(1);
            CallosumClient client = client();
            client.listen("a", "b", message -> {
                entered.countDown();
                gate.await();
                client.close();
                told.add("closed");
            });
            connected(client);
            client.emit(numbered(1));
            entered.await();
            CompletableFuture<Void> other = CompletableFuture.runAsync(client::close);
            await().until(() -> !client.isConnected()); // it is closing, and waits for the listener
            gate.countDown();

            other.get(10, TimeUnit.SECONDS);
            assertThat(next()).isEqualTo("closed");
            assertThat(threads()).isEmpty();
        }
    }

    @Test
    void theListenerThatRunsAtTheCloseMayFinishAndEmit() throws Exception {
        try (ServedBus bus = ServedBus.in(folder)) {
            CountDownLatch entered = new CountDownLatch(1);
            CallosumClient client = client();
            client.listen("a", "b", message -> {
                entered.countDown();
                gate.await();
                client.emit("done", "e", Map.of());
            });
            connected(client);
            try (WireClient other = WireClient.join(bus.socket())) {
                client.emit(numbered(1));
                entered.await();
                client.emit(numbered(2));
                await().until(() -> counter(client, "listenMessages") == 2);
                CompletableFuture<Void> closing = CompletableFuture.runAsync(client::close);
                await().until(() -> !client.isConnected());
                gate.countDown();
                closing.get(10, TimeUnit.SECONDS);

                assertThat(threads()).isEmpty();
                assertThat(other.readLines(3)).last().asString().contains("done");
                assertThat(log.lines("INFO")).anySatisfy(line -> assertThat(line)
                        .contains("1 messages that waited", "are dropped")
                        .endsWith(" [messages=1]"));
            }
        }
    }

    @Test
    void theListenerThatDoesNotEndIsInterruptedAtTheClose() throws Exception {
        try (ServedBus bus = ServedBus.in(folder)) {
            CountDownLatch entered = new CountDownLatch(1);
            CallosumClient client =
                    remember(builder().closeTimeout(Duration.ofMillis(1)).build());
            client.listen("a", "b", message -> {
                entered.countDown();
                new CountDownLatch(1).await();
            });
            connected(client);
            client.emit(numbered(1));
            entered.await();

            client.close();

            assertThat(threads()).isEmpty();
        }
    }

    @Test
    void theListenerThatIgnoresItsInterruptIsLeftBehindAndNamed() throws Exception {
        try (ServedBus bus = ServedBus.in(folder)) {
            CountDownLatch entered = new CountDownLatch(1);
            CallosumClient client =
                    remember(builder().closeTimeout(Duration.ZERO).build());
            client.listen("a", "b", message -> {
                entered.countDown();
                while (gate.getCount() > 0) {
                    Thread.onSpinWait();
                }
            });
            connected(client);
            client.emit(numbered(1));
            entered.await();

            client.close();

            assertThat(threads()).containsExactly("callosum-client-listener");
            assertThat(log.lines("SEVERE"))
                    .singleElement()
                    .asString()
                    .contains("is left behind, at ")
                    .contains(" [waited_ms=1000 at=");
            gate.countDown();
        }
    }

    @Test
    void whatWasEmittedIsOnTheBusWhenItIsClosed() throws Exception {
        int count = 5_000;
        try (ServedBus bus = ServedBus.in(folder);
                WireClient other = WireClient.join(bus.socket())) {
            CallosumClient client = client();
            connected(client);
            for (int i = 0; i < count; i++) {
                client.emit(numbered(i));
            }
            client.close();

            for (String line : other.readLines(count)) {
                assertThat(line).startsWith("{\"tract\":\"a\"");
            }
        }
    }

    @Test
    void itClosesWhileThereIsNoBusAndSaysWhatItGivesUp() {
        CallosumClient client = client().connect();
        client.emit(numbered(1));
        client.close();
        client.close();

        assertThat(threads()).isEmpty();
        assertThat(log.lines("WARNING"))
                .last()
                .asString()
                .contains("1 messages", "are given up")
                .endsWith(" messages=1]");
    }

    @Test
    void itClosesWhileTheBusIsAway() throws Exception {
        CallosumClient client = remember(CallosumClient.builder()
                .socket(folder.resolve("callosum.sock"))
                .reconnect(Duration.ofHours(1), Duration.ofHours(1))
                .build());
        try (ServedBus bus = ServedBus.in(folder)) {
            connected(client);
        }
        await().until(() -> !client.isConnected());
        client.close();

        assertThat(threads()).isEmpty();
    }

    @Test
    void aBusThatTakesNothingHoldsTheCloseUpForABoundedTime() throws Exception {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("callosum.sock"));
        try (ServerSocketChannel bus = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            bus.bind(address); // accepted by the system, read by nobody
            CallosumClient client = client();
            connected(client);
            Message large = Message.of("a", "b", Map.of("pad", "x".repeat(1 << 20)));
            for (int i = 0; i < 8; i++) {
                client.emit(large);
            }
            client.close();

            assertThat(threads()).isEmpty();
            assertThat(log.lines("WARNING")).singleElement().asString().contains("are given up: it did not take them");
        }
    }

    @Test
    void oneThatNeverConnectedSaysWhatItGivesUp() {
        CallosumClient client = client();
        client.emit(numbered(1));
        client.close();

        assertThat(log.lines("WARNING"))
                .singleElement()
                .asString()
                .contains("1 messages are given up")
                .endsWith(" [messages=1]");
        assertThatThrownBy(client::connect)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void whatIsTooMuchToKeepIsRefusedAndFlushWaitsForRoom() throws Exception {
        CallosumClient client = remember(builder().queueMessages(2).build().connect());
        client.emit(numbered(0));
        client.emit(numbered(1));
        assertThatThrownBy(() -> client.emit(numbered(2)))
                .isInstanceOf(EmitRefusedException.class)
                .hasMessageContaining("2 messages")
                .hasMessageContaining("'queueMessages'");
        assertThat(client.flush(Duration.ofMillis(1))).isFalse();

        try (ServedBus bus = ServedBus.in(folder)) {
            for (int i = 2; i < 1_000; i++) {
                assertThat(client.flush(Duration.ofDays(1_000_000))).isTrue();
                client.emit(numbered(i));
            }
        }
    }

    @Test
    void aThreadThatFlushesIsFreeWhenTheClientIsClosed() throws Exception {
        CallosumClient client = client().connect();
        client.emit(numbered(0));
        CompletableFuture<Boolean> flushed = new CompletableFuture<>();
        CompletableFuture<Boolean> connected = new CompletableFuture<>();
        Thread flushing = new Thread(() -> complete(flushed, () -> client.flush(Duration.ofHours(1))));
        Thread awaiting = new Thread(() -> complete(connected, () -> client.awaitConnected(Duration.ofHours(1))));
        flushing.start();
        awaiting.start();
        await().until(() ->
                flushing.getState() == Thread.State.TIMED_WAITING && awaiting.getState() == Thread.State.TIMED_WAITING);
        client.close();

        assertThat(flushed.get(10, TimeUnit.SECONDS)).isFalse();
        assertThat(connected.get(10, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void aThreadThatIsInterruptedClosesAllTheSame() throws Exception {
        try (ServedBus bus = ServedBus.in(folder)) {
            CallosumClient client = client();
            connected(client);
            Thread.currentThread().interrupt();
            client.close();

            assertThat(Thread.interrupted()).isTrue();
            await().untilAsserted(() -> assertThat(threads()).isEmpty());
        }
    }

    @Test
    void itIsConnectedOnce() {
        CallosumClient client = client().connect();
        assertThatThrownBy(client::connect).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aSettingThatIsWrongIsNamed() {
        assertThatThrownBy(() -> builder().listenBytes(0).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'listenBytes' is 0");
        assertThatThrownBy(() -> builder().closeTimeout(Duration.ofMillis(-1)).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'closeTimeout'");
        assertThatThrownBy(() -> builder().queueMessages(0).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'queueMessages' is 0");
        assertThatThrownBy(() -> client().listen("", "b", told::add))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tract");
        assertThatCode(() -> builder().build().close()).doesNotThrowAnyException();
    }

    @Test
    void theSocketIsTheOneInTheJournal() {
        CallosumClient client =
                remember(CallosumClient.builder().journal(folder).build());
        assertThat(client.status().address())
                .isEqualTo(folder.resolve("health/callosum.sock").toString());
    }

    /** An error whose every word fails. */
    private static final class UnprintableError extends Error {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalStateException("thrown by a test");
        }

        @Override
        public String toString() {
            throw new IllegalStateException("thrown by a test");
        }
    }

    private interface Waiting {
        boolean run() throws InterruptedException;
    }

    private static void complete(CompletableFuture<Boolean> future, Waiting waiting) {
        try {
            future.complete(waiting.run());
        } catch (InterruptedException e) {
            future.completeExceptionally(e);
        }
    }

    private ConnectionListener tellConnection() {
        return new ConnectionListener() {
            @Override
            public void connected() {
                told.add("connected");
            }

            @Override
            public void lost(String reason) {
                told.add("lost: " + reason);
            }
        };
    }

    private CallosumClient.Builder builder() {
        return CallosumClient.builder()
                .socket(folder.resolve("callosum.sock"))
                .reconnect(Duration.ofMillis(1), Duration.ofMillis(20));
    }

    private CallosumClient client() {
        return remember(builder().build());
    }

    private CallosumClient remember(CallosumClient client) {
        clients.add(client);
        return client;
    }

    private static void connected(CallosumClient client) throws InterruptedException {
        assertThat(client.connect().awaitConnected(Duration.ofSeconds(30))).isTrue();
    }

    private Object next() throws InterruptedException {
        Object next = told.poll(10, TimeUnit.SECONDS);
        assertThat(next).as("what is told within 10 s").isNotNull();
        return next;
    }

    private List<Object> next(int count) throws InterruptedException {
        List<Object> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(next());
        }
        return all;
    }

    private static long counter(CallosumClient client, String name) {
        return client.status().counters().get(name);
    }

    /** The threads that the clients of this test have. */
    private List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !others.contains(thread))
                .map(Thread::getName)
                .filter(name -> name.startsWith("callosum-client") || name.startsWith("callosum-bus-client"))
                .toList();
    }

    private static Message numbered(int number) {
        return Message.of("a", "b", Map.of("n", number));
    }

    private static String frame(int number) {
        return "{\"tract\":\"s\",\"event\":\"e\",\"ts\":1,\"n\":" + number + "}";
    }

    private static long n(Message message) {
        return message.longNumber("n").orElseThrow();
    }
}
