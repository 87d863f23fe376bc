// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.callosum.api.Emission;
import org.callosum.api.EmitRefusedException;
import org.callosum.api.Message;
import org.callosum.transport.TransportStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** What every transport promises, whichever end of the bus it is. */
@Timeout(60)
abstract class TransportContract {
    static final int FRAME_LIMIT = 10_000;

    @TempDir
    Path folder;

    private final RecordingReceiver receiver = new RecordingReceiver();
    private BusEnd transport;

    /** A transport that is connected to a bus on {@link #socket()}; frames have at most {@link #FRAME_LIMIT} bytes. */
    abstract BusEnd open() throws Exception;

    abstract void close();

    Path socket() {
        return folder.resolve("callosum.sock");
    }

    @BeforeEach
    void start() throws Exception {
        transport = open();
        await().until(() -> transport.status().up());
    }

    @AfterEach
    void stop() {
        transport.stop();
        close();
    }

    @Test
    void ownMessagesComeBackInOrderWithATimeStamp() throws Exception {
        transport.attach(receiver);
        for (int i = 0; i < 1_000; i++) {
            assertThat(transport.send(Message.of("a", "b", Map.of("n", i)))).isEqualTo(Emission.SENT);
        }
        for (int i = 0; i < 1_000; i++) {
            Message message = receiver.next();
            assertThat(message.longNumber("n")).hasValue((long) i);
            assertThat(message.ts()).isPresent();
        }
    }

    @Test
    void messagesOfSeveralThreadsKeepTheOrderOfEach() throws Exception {
        transport.attach(receiver);
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            String tract = "t" + t;
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 500; i++) {
                    transport.send(Message.of(tract, "e", Map.of("n", i)));
                }
            });
            thread.start();
            threads.add(thread);
        }
        long[] next = new long[4];
        for (int i = 0; i < 2_000; i++) {
            Message message = receiver.next();
            int t = message.tract().charAt(1) - '0';
            assertThat(message.longNumber("n")).hasValue(next[t]++);
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @Test
    void othersGetOwnMessagesAndTheReceiverGetsTheirs() throws Exception {
        transport.attach(receiver);
        try (WireClient other = WireClient.join(socket())) {
            receiver.next(); // the other's hello
            transport.send(Message.parse("{\"tract\":\"a\",\"event\":\"b\",\"ts\":null,\"x\":[1.0,\"é\"]}"));
            assertThat(other.readLine()).isEqualTo("{\"tract\":\"a\",\"event\":\"b\",\"ts\":null,\"x\":[1.0,\"é\"]}");

            String frame = "{\"tract\":\"é\",\"event\":\"\",\"ts\":\"x\",\"n\":1e400,\"s\":\"\\ud800\"}";
            other.send(frame);
            receiver.next();
            Message message = receiver.next();
            assertThat(message.tract()).isEqualTo("é");
            assertThat(message.event()).isEmpty();
            assertThat(message.toJson()).isEqualTo(frame);
        }
    }

    @Test
    void aMessageOverTheFrameLimitIsAnIllegalArgument() throws Exception {
        transport.attach(receiver);
        assertThatThrownBy(() -> transport.send(Message.of("a", "b", Map.of("x", "y".repeat(FRAME_LIMIT)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a/b")
                .hasMessageContaining("10000")
                .hasMessageContaining("maxFrameBytes");

        int overhead = Message.of("a", "b", Map.of("x", "")).toUtf8().remaining();
        transport.send(Message.of("a", "b", Map.of("x", "y".repeat(FRAME_LIMIT - overhead))));
        assertThat(receiver.next().string("x").orElseThrow()).hasSize(FRAME_LIMIT - overhead);
    }

    @Test
    void aMessageThatWouldNotBeOneLineIsAnIllegalArgument() {
        for (String json : List.of(
                "{\"tract\":\"a\",\n\"event\":\"b\"}",
                "{\"tract\":\"a\",\"event\":\"b\"}\n",
                "{\"tract\":\"a\",\"event\":\"b\"} ",
                " {\"tract\":\"a\",\"event\":\"b\"}")) {
            Message broken = Message.ofFrame("a", "b", json.getBytes(StandardCharsets.UTF_8));
            assertThatThrownBy(() -> transport.send(broken))
                    .as(json)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("one line");
        }
    }

    @Test
    void aMessageWithoutTractOrEventIsAnIllegalArgument() {
        for (String json : List.of("{}", "{\"tract\":\"a\"}", "{\"event\":\"b\"}", "{\"tract\":1,\"event\":\"b\"}")) {
            assertThatThrownBy(() -> transport.send(Message.parse(json)))
                    .as(json)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("every message on the bus has a tract and an event");
        }
    }

    @Test
    void thereIsOneReceiverAtATime() {
        transport.attach(receiver);
        assertThatThrownBy(() -> transport.attach(new RecordingReceiver())).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aReceiverGetsWhatComesWhileItIsAttached() throws Exception {
        var first = new RecordingReceiver();
        transport.attach(first);
        transport.detach(receiver); // another one: nothing happens
        transport.send(Message.of("a", "first", Map.of()));
        assertThat(first.next().event()).isEqualTo("first");

        transport.detach(first);
        try (WireClient other = WireClient.join(socket())) {
            transport.send(Message.of("a", "nobody", Map.of()));
            assertThat(other.readLine()).contains("nobody");
        }
        transport.attach(receiver);
        transport.send(Message.of("a", "second", Map.of()));

        while (!receiver.next().event().equals("second")) {} // the client's end may have read the two before late
        assertThat(first.waiting()).isZero();
    }

    @Test
    void aStopIsFinalAndMayBeRepeated() {
        transport.stop();
        transport.stop();
        assertThat(transport.status().up()).isFalse();
        assertThatThrownBy(() -> transport.send(Message.of("a", "b", Map.of())))
                .isInstanceOf(EmitRefusedException.class)
                .hasMessageContaining("stopped");
    }

    @Test
    void whatWasSentBeforeTheStopArrives() throws Exception {
        try (WireClient other = WireClient.join(socket())) {
            // Meanwhile: a socket takes some hundred messages that are written one by one, and the stop does not wait
            // for ever.
            var arrived = new FutureTask<>(() -> other.readLines(500));
            new Thread(arrived, "reader").start();
            for (int i = 0; i < 500; i++) {
                transport.send(Message.of("a", "b", Map.of("n", i)));
            }
            transport.stop();
            assertThat(arrived.get(10, TimeUnit.SECONDS))
                    .extracting(Frames::number)
                    .isEqualTo(IntStream.range(0, 500).boxed().toList());
        }
    }

    @Test
    void afterTheStopNoThreadIsLeft() {
        transport.stop();
        close();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("callosum-bus"));
    }

    @Test
    void aConnectionThatIsNotThereIsNotDisconnected() {
        assertThat(transport.connections()).noneMatch(each -> each.id() == 4711);
        assertThat(transport.disconnect(4711)).isFalse();
    }

    @Test
    void afterTheStopThereAreNoConnections() {
        transport.stop();
        assertThat(transport.connections()).isEmpty();
        assertThat(transport.disconnect(1)).isFalse();
    }

    @Test
    void theStatusSaysWhereItIs() {
        TransportStatus status = transport.status();
        assertThat(status.address()).isEqualTo(socket().toString());
        assertThat(status.up()).isTrue();
        assertThat(status.counters())
                .containsKeys("framesIn", "framesOut", "bytesIn", "bytesOut", "invalid", "tooLong");
    }
}
