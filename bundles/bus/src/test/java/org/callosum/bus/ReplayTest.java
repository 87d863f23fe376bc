// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.callosum.api.Message;
import org.callosum.transport.ConnectionStatus;
import org.callosum.transport.Replay;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** What a server has kept, and what comes behind it, on real sockets. */
@Timeout(60)
class ReplayTest {
    private static final Pattern NUMBER = Pattern.compile("\"from\":(\\d+),\"n\":(\\d+)");
    private static final int SENDERS = 3;

    @TempDir
    Path folder;

    private ServedBus bus;

    @AfterEach
    void stop() {
        if (bus != null) {
            bus.close();
        }
    }

    @Test
    void whatCameBeforeIsGivenToTheLetterAndThenWhatComes() throws Exception {
        bus = ServedBus.in(folder);
        try (WireClient client = WireClient.join(bus.socket())) {
            send(client, "{ \"tract\":\"a\", \"event\":\"1\", \"x\":1.0, \"ts\":1}");
            send(client, "{\"tract\":\"a\",\"event\":\"2\",\"ts\":2}");
            bus.server().send(Message.of("own", "3", Map.of("ts", 3)));
            client.readLine();
            try (Replay replay = bus.server().replay()) {
                BufferedReader lines = reader(replay);
                assertThat(replay.dropped()).isZero();
                assertThat(replay.kept()).isEqualTo(1 + 3); // WireClient.join sends one
                lines.readLine();
                assertThat(lines.readLine()).isEqualTo("{ \"tract\":\"a\", \"event\":\"1\", \"x\":1.0, \"ts\":1}");
                assertThat(lines.readLine()).contains("\"2\"");
                assertThat(lines.readLine()).contains("own");

                client.send("{\"tract\":\"a\",\"event\":\"4\",\"ts\":4}");

                assertThat(lines.readLine()).isEqualTo("{\"tract\":\"a\",\"event\":\"4\",\"ts\":4}");
            }
        }
    }

    /** The seam: many who begin to read at any moment of a flood, none of whom misses, doubles or reorders anything. */
    @Test
    void betweenWhatWasKeptAndWhatComesNothingIsMissingDoubledOrInAnotherOrder() throws Exception {
        int each = 4_000;
        bus = ServedBus.in(folder, keeping(64L << 20));
        CountDownLatch begin = new CountDownLatch(1);
        List<CompletableFuture<Void>> senders = new ArrayList<>();
        for (int sender = 0; sender < SENDERS; sender++) {
            int from = sender;
            senders.add(CompletableFuture.runAsync(() -> flood(from, each, begin)));
        }
        try (WireClient plain = WireClient.join(bus.socket())) {
            begin.countDown();
            CompletableFuture<List<String>> whole =
                    CompletableFuture.supplyAsync(() -> numbered(plain, SENDERS * each));
            List<CompletableFuture<List<String>>> replays = new ArrayList<>();
            boolean isFlooding = true;
            while (isFlooding && replays.size() < 30) {
                isFlooding = senders.stream().anyMatch(sender -> !sender.isDone()); // and once more behind it
                Replay replay = bus.server().replay();
                assertThat(replay.dropped()).isZero();
                replays.add(CompletableFuture.supplyAsync(() -> numbered(replay, SENDERS * each)));
            }
            for (CompletableFuture<Void> sender : senders) {
                sender.get(50, TimeUnit.SECONDS);
            }

            List<String> order = whole.get(50, TimeUnit.SECONDS);
            assertThat(order).doesNotHaveDuplicates().hasSize(SENDERS * each);
            for (CompletableFuture<List<String>> replay : replays) {
                assertThat(replay.get(50, TimeUnit.SECONDS)).isEqualTo(order);
            }
        }
    }

    @Test
    void howManyAreNoLongerKeptIsTold() throws Exception {
        bus = ServedBus.in(folder, keeping(2L * FrameLog.CHUNK_BYTES));
        try (WireClient client = WireClient.join(bus.socket())) {
            int sent = 20 * FrameLog.CHUNK_BYTES / 1_000;
            for (int i = 0; i < sent; i++) {
                client.send(Frames.ofLength(1_000, i));
                client.readLine();
            }
            try (Replay replay = bus.server().replay()) {
                List<String> kept = lines(replay, (int) replay.kept());

                assertThat(replay.dropped()).isPositive();
                assertThat(replay.dropped() + replay.kept()).isEqualTo(1 + sent);
                assertThat(kept.get(0)).isEqualTo(Frames.ofLength(1_000, (int) replay.dropped() - 1));
                assertThat(kept.get(kept.size() - 1)).isEqualTo(Frames.ofLength(1_000, sent - 1));
            }
        }
    }

    @Test
    void whoReadsItIsAClientLikeAnyOtherUntilItLeaves() throws Exception {
        bus = ServedBus.in(folder);
        Replay replay = bus.server().replay();

        List<ConnectionStatus> connections = bus.server().connections();
        assertThat(connections).hasSize(1);
        assertThat(connections.get(0).user())
                .isEqualTo(Files.getOwner(bus.socket()).getName());

        replay.close();
        await().until(() -> bus.server().connections().isEmpty());
    }

    @Test
    void itEndsWithTheBus() throws Exception {
        bus = ServedBus.in(folder);
        BufferedReader lines = reader(bus.server().replay());
        CompletableFuture<String> line = CompletableFuture.supplyAsync(() -> {
            try {
                return String.valueOf(lines.readLine());
            } catch (IOException e) {
                return e.toString();
            }
        });

        bus.close();

        assertThat(line.get(30, TimeUnit.SECONDS)).isEqualTo("null");
        assertThatThrownBy(bus.server()::replay).hasMessageContaining("not served");
    }

    @Test
    void nothingIsLeftInTheFolder() throws Exception {
        bus = ServedBus.in(folder);
        List<Path> before = files();

        bus.server().replay().close();

        assertThat(files()).isEqualTo(before);
    }

    @Test
    void whereNothingIsKeptThatIsSaid() throws Exception {
        bus = ServedBus.in(folder, keeping(0));

        assertThatThrownBy(bus.server()::replay)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("historyBytes");
    }

    @Test
    void aChangedLimitHoldsFromThenOn() throws Exception {
        bus = ServedBus.in(folder, keeping(0));
        ServerSettings more = keeping(1 << 20);
        bus.server().apply(new BusSettings(BusMode.SERVER, bus.socket(), more, ClientSettings.DEFAULT));

        try (Replay replay = bus.server().replay()) {
            assertThat(replay.kept()).isZero();
        }
    }

    private static ServerSettings keeping(long historyBytes) {
        return new ServerSettingsBuilder()
                .backlogBytes(256L << 20)
                .historyBytes(historyBytes)
                .build();
    }

    /** Sends it and waits until it is in the order. */
    private static void send(WireClient client, String frame) throws IOException {
        client.send(frame);
        assertThat(client.readLine()).isEqualTo(frame);
    }

    private void flood(int from, int count, CountDownLatch begin) {
        try (WireClient client = WireClient.connect(bus.socket()).drain()) {
            begin.await();
            for (int n = 0; n < count; n++) {
                client.send("{\"tract\":\"t\",\"event\":\"e\",\"from\":" + from + ",\"n\":" + n + "}");
            }
            client.endSending();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> numbered(WireClient client, int count) {
        List<String> numbers = new ArrayList<>();
        try {
            while (numbers.size() < count) {
                add(numbers, client.readLine());
            }
            return numbers;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> numbered(Replay replay, int count) {
        List<String> numbers = new ArrayList<>();
        try (replay;
                BufferedReader lines = reader(replay)) {
            while (numbers.size() < count) {
                add(numbers, lines.readLine());
            }
            return numbers;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void add(List<String> numbers, String line) {
        Matcher matcher = NUMBER.matcher(line);
        if (matcher.find()) {
            numbers.add(matcher.group(1) + "/" + matcher.group(2));
        }
    }

    private static List<String> lines(Replay replay, int count) throws IOException {
        BufferedReader reader = reader(replay);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            lines.add(reader.readLine());
        }
        return lines;
    }

    private static BufferedReader reader(Replay replay) {
        return new BufferedReader(new InputStreamReader(replay.frames(), StandardCharsets.UTF_8));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        }
    }
}
