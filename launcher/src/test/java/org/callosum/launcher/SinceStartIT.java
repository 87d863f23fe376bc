// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.callosum.api.Message;
import org.callosum.bus.Connection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** {@code listen --since-start}, whoever is first: the runtime, who listens, or who sends. */
@Timeout(180)
class SinceStartIT {
    private static final int COUNT = 3_000;

    private Path folder;
    private Path home;
    private Path journal;
    private final List<Running> processes = new ArrayList<>();

    @BeforeEach
    void copyDistribution(@TempDir Path folder) throws Exception {
        this.folder = folder;
        home = Running.copyDistribution(folder.resolve("callosum"));
        journal = folder.resolve("journal");
    }

    @AfterEach
    void kill() throws InterruptedException {
        for (Running each : processes) {
            each.kill();
        }
    }

    /** Numbered traffic that begins with the runtime, as soon as there is a socket, and four who come before, with and behind it. */
    @Test
    void whoeverListensGetsAllInTheSameOrder() throws Exception {
        List<Running> listeners = new ArrayList<>();
        listeners.add(listen(COUNT));
        run();
        CompletableFuture<Void> sender = CompletableFuture.runAsync(this::sendNumbered);
        listeners.add(listen(COUNT));
        listeners.add(listen(COUNT));
        sender.get(60, TimeUnit.SECONDS);
        listeners.add(listen(COUNT));

        List<String> all = IntStream.range(0, COUNT).mapToObj(Integer::toString).toList();
        for (Running listener : listeners) {
            int status = listener.awaitEnd();
            assertThat(listener.log()).isEmpty();
            assertThat(status).isZero();
            assertThat(listener.output())
                    .extracting(line -> line.replaceAll(".*\"n\":(\\d+).*", "$1"))
                    .isEqualTo(all);
        }
    }

    @Test
    void howManyAreNoLongerKeptIsSaid() throws Exception {
        run().awaitReady();
        int sent = 3_000;
        try (Connection connection = Connection.open(socket())) {
            for (int n = 0; n < sent; n++) {
                connection.send(Message.of("t", "n", Map.of("n", n, "pad", "x".repeat(1_000))));
                connection.read();
            }
        }

        Ended ended = callosum("listen", "--since-start", "--filter", "(n=" + (sent - 1) + ")", "--count", "1");

        assertThat(ended.status()).isZero();
        assertThat(ended.out()).contains("\"n\":" + (sent - 1)).hasLineCount(1);
        assertThat(ended.error())
                .matches("callosum listen: … \\d{4} messages since the bus's start are no longer kept\n");
        assertThat(callosum("shell", "replay -n 2 -e n --json").out())
                .hasLineCount(2)
                .contains("\"n\":" + (sent - 2) + ",", "\"n\":" + (sent - 1) + ",");
    }

    @Test
    void whatCannotBeHadIsAnErrorThatSaysWhy() throws Exception {
        Ended nobody = callosum("listen", "--since-start");
        assertThat(nobody.status()).isEqualTo(1);
        assertThat(nobody.error()).startsWith("callosum listen: No runtime runs on journal");

        configure("historyBytes = 0");
        Running running = run();
        running.awaitReady();
        Ended nothing = callosum("listen", "--since-start", "--timeout", "30s");
        assertThat(nothing.status()).isEqualTo(1);
        assertThat(nothing.error())
                .startsWith(
                        "callosum listen: The bus keeps nothing of what came: set 'historyBytes' of org.callosum.bus")
                .hasLineCount(1);
        running.terminate();
        running.awaitEnd();

        Path journalOfTheBus = journal;
        Path other = Running.copyDistribution(folder.resolve("other"));
        kept(Running.launch(other, "run", "--journal", journalOfTheBus.toString()))
                .awaitReady();
        configure("mode = client\nsocket = " + socket());
        journal = folder.resolve("guest");
        run().awaitReady();
        Ended guest = callosum("listen", "--since-start");
        assertThat(guest.status()).isEqualTo(1);
        assertThat(guest.error())
                .contains("This runtime is a client of the bus on '" + journalOfTheBus)
                .hasLineCount(1);
    }

    @Test
    void theEndOfTheRuntimeIsAnErrorToo() throws Exception {
        Running running = run();
        running.awaitReady();
        Running listener = listen(2);
        try (Connection connection = Connection.open(socket())) {
            connection.send(Message.of("t", "n", Map.of("n", 1)));
        }
        listener.awaitOutput("\"n\":1");

        running.terminate();

        assertThat(listener.awaitEnd()).isEqualTo(1);
        assertThat(listener.log()).singleElement().asString().startsWith("callosum listen: ");
    }

    private Running run() throws IOException {
        return kept(Running.launch(home, "run", "--journal", journal.toString()));
    }

    private Running listen(int count) throws IOException {
        return kept(Running.launch(
                home,
                "listen",
                "--journal",
                journal.toString(),
                "--since-start",
                "--event",
                "n",
                "--count",
                Integer.toString(count),
                "--timeout",
                "2m"));
    }

    private Running kept(Running process) {
        processes.add(process);
        return process;
    }

    private Path socket() {
        return journal.resolve("health/callosum.sock");
    }

    private void configure(String setting) throws IOException {
        Files.writeString(home.resolve("etc/org.callosum.bus.cfg"), "\n" + setting + "\n", StandardOpenOption.APPEND);
    }

    /** Begins when there is a bus: nobody tells of a socket that comes. */
    private void sendNumbered() {
        try (Connection connection = first()) {
            Thread drain = new Thread(() -> {
                try {
                    while (connection.read() != null) {}
                } catch (IOException closed) {
                    // the end of the test
                }
            });
            drain.setDaemon(true);
            drain.start();
            for (int n = 0; n < COUNT; n++) {
                connection.send(Message.of("t", "n", Map.of("n", n)));
            }
            connection.shutdownOutput();
            drain.join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Connection first() throws InterruptedException {
        while (true) {
            try {
                return Connection.open(socket());
            } catch (IOException notYet) {
                Thread.sleep(1);
            }
        }
    }

    private Ended callosum(String command, String... words) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(command, "--journal", journal.toString()));
        arguments.addAll(List.of(words));
        return Ended.call(folder, home, Path.of("/dev/null"), arguments);
    }
}
