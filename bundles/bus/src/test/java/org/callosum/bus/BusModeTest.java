// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.bus;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.callosum.journal.RecordingLogger;
import org.callosum.socket.LiveSocketException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

@SuppressWarnings("try") // a bus that only has to be there
@Timeout(60)
class BusModeTest {
    private static final ClientSettings QUICK =
            new ClientSettings(10_000, 10, 1 << 20, Duration.ofMillis(1), Duration.ofMillis(20));

    @TempDir
    Path folder;

    private final List<BusEnd> ends = new ArrayList<>();

    @AfterEach
    void stop() {
        ends.forEach(BusEnd::stop);
    }

    @Test
    void autoServesWhereNobodyDoes() throws Exception {
        assertThat(start(BusMode.AUTO).status().mode()).isEqualTo("server");
        WireClient.join(socket()).close();
    }

    @Test
    void autoConnectsWhereSomebodyServes() throws Exception {
        try (ServedBus bus = ServedBus.in(folder)) {
            BusEnd end = start(BusMode.AUTO);
            assertThat(end.status().mode()).isEqualTo("client");
            await().until(() -> end.status().up());
        }
    }

    @Test
    void autoServesWhereADeadFileIs() throws Exception {
        BusSocket.file(socket()).bind().close();
        assertThat(start(BusMode.AUTO).status().mode()).isEqualTo("server");
    }

    @Test
    void autoStaysAClientWhenTheOtherBusIsRestarted() throws Exception {
        BusEnd end;
        try (ServedBus first = ServedBus.in(folder)) {
            end = start(BusMode.AUTO);
            await().until(() -> end.status().up());
        }
        await().until(() -> !end.status().up());
        assertThat(socket()).doesNotExist();

        try (ServedBus second = ServedBus.in(folder)) {
            await().until(() -> end.status().up());
            assertThat(end.status().mode()).isEqualTo("client");
        }
    }

    @Test
    void ofManyThatStartAtOnceOneServesAndTheOthersConnect() throws Exception {
        int starters = 6;
        ExecutorService threads = Executors.newFixedThreadPool(starters);
        try {
            CyclicBarrier barrier = new CyclicBarrier(starters);
            List<Future<BusEnd>> started = new ArrayList<>();
            for (int i = 0; i < starters; i++) {
                started.add(threads.submit(() -> {
                    barrier.await();
                    return BusMode.AUTO.start(socket(), ServerSettings.DEFAULT, QUICK, new RecordingLogger().logger());
                }));
            }
            for (Future<BusEnd> end : started) {
                ends.add(end.get());
            }
            assertThat(ends)
                    .filteredOn(end -> end.status().mode().equals("server"))
                    .hasSize(1);
            await().until(() -> ends.stream().allMatch(end -> end.status().up()));
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void serverDoesNotConnectAndClientDoesNotServe() throws Exception {
        try (ServedBus bus = ServedBus.in(folder)) {
            assertThatThrownBy(() -> start(BusMode.SERVER)).isInstanceOf(LiveSocketException.class);
        }
        assertThat(start(BusMode.CLIENT).status().up()).isFalse();
        assertThat(socket()).doesNotExist();
    }

    private BusEnd start(BusMode mode) throws IOException {
        BusEnd end = mode.start(socket(), ServerSettings.DEFAULT, QUICK, new RecordingLogger().logger());
        ends.add(end);
        return end;
    }

    private Path socket() {
        return folder.resolve("callosum.sock");
    }
}
