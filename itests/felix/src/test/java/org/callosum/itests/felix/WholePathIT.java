// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.felix;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;

import org.callosum.api.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** From a client of the bus through an app's handler back to every client, with the bundles as they are built. */
@Timeout(60)
class WholePathIT {
    @Test
    void whatAHandlerAnswersReachesEveryClientInTheSameOrder() throws Exception {
        try (TestFramework runtime = TestFramework.withBus()) {
            runtime.install(TestBundle.app("echo"));
            try (WireClient first = WireClient.join(runtime.socket());
                    WireClient second = WireClient.join(runtime.socket());
                    WireClient asking = WireClient.join(runtime.socket())) {
                forgetJoined(first, 2);
                forgetJoined(second, 1);

                for (int n = 1; n <= 100; n++) {
                    asking.send(question(n));
                }

                List<String> heard = first.nextLines(200);
                assertThat(second.nextLines(200)).isEqualTo(heard);
                assertThat(asking.nextLines(200)).isEqualTo(heard);
                assertThat(numbers(heard, "asked")).containsExactlyElementsOf(upTo(100));
                assertThat(numbers(heard, "answered")).containsExactlyElementsOf(upTo(100));
                assertThat(heard).allMatch(line -> Message.parse(line).ts().isPresent(), "has a ts");
            }
        }
    }

    @Test
    void appsComeChangeAndGoWhileMessagesFlow() throws Exception {
        try (TestFramework runtime = TestFramework.withBus()) {
            runtime.install(TestBundle.app("echo").as("steady"));
            try (WireClient client = WireClient.join(runtime.socket())) {
                Traffic traffic = new Traffic(client);
                traffic.roundsUntil(() -> traffic.rounds.get() == 20);
                assertThat(traffic.lastVersion)
                        .as("answered by the app that is not there")
                        .isEmpty();

                Bundle app = runtime.install(TestBundle.app("echo"));
                traffic.roundsUntil(() -> traffic.lastVersion.equals("1.0.0"));

                Thread updating = inBackground(() ->
                        app.update(TestBundle.app("echo").inVersion("2.0.0").jar()));
                traffic.roundsUntil(() -> traffic.lastVersion.equals("2.0.0"));
                updating.join();
                traffic.roundsUntil(() -> runtime.probe().parked().isEmpty()); // an uninstall gives it up

                Thread uninstalling = inBackground(app::uninstall);
                traffic.roundsUntil(() -> !uninstalling.isAlive());
                traffic.lastVersion = "";
                long before = traffic.rounds.get();
                traffic.roundsUntil(() -> traffic.rounds.get() == before + 20);
                assertThat(traffic.lastVersion)
                        .as("answered by the app that is gone")
                        .isEmpty();
            }
            assertThat(runtime.probe().handlers()).singleElement().satisfies(steady -> assertThat(steady)
                    .containsEntry("app", "steady")
                    .containsEntry("failed", 0L)
                    .containsEntry("timedOut", 0L));
            // Equinox stops a bundle that it uninstalls as one that it updates: what comes in that moment is parked
            // first.
            assertThat(runtime.log)
                    .filteredOn(line -> line.startsWith("WARN") || line.startsWith("ERROR"))
                    .allMatch(line -> line.startsWith("WARN echo: its bundle was stopped or uninstalled: "));
        }
    }

    @Test
    void withoutABusAnEmitterIsToldSo() throws Exception {
        try (TestFramework runtime = TestFramework.withCore()) {
            assertThatThrownBy(() -> runtime.probe().emit(question(1)))
                    .hasMessageContaining("is refused: there is no bus. Start the bundle org.callosum.bus");
            assertThat(runtime.probe().bridge()).containsEntry("refused", 1L).containsEntry("emitted", 0L);
        }
    }

    @Test
    void ofTwoRuntimesOnOneJournalTheSecondIsAClientOfTheFirst(@TempDir Path journal) throws Exception {
        try (TestFramework first = TestFramework.withBus(journal);
                TestFramework second = TestFramework.withBus(journal)) {
            assertThat(first.probe().transport().orElseThrow()).containsEntry("mode", "server");
            assertThat(second.probe().transport().orElseThrow()).containsEntry("mode", "client");
            await("connected")
                    .untilAsserted(() ->
                            assertThat(second.probe().transport().orElseThrow()).containsEntry("up", true));
            first.install(TestBundle.app("echo").as("one"));
            second.install(TestBundle.app("echo").as("two"));

            try (WireClient client = WireClient.join(first.socket())) {
                client.send(question(1));

                assertThat(List.of(client.next(), client.next(), client.next()))
                        .extracting(Message::tract)
                        .containsExactlyInAnyOrder("echo", "one", "two");

                second.framework().stop();
                second.awaitStop();
                client.send(question(2));

                assertThat(client.next("one").longNumber("n")).contains(2L);
            }
        }
    }

    @Test
    void aClientKeepsWhatItEmitsUntilItsServerIsBack(@TempDir Path journal) throws Exception {
        TestFramework first = TestFramework.withBus(journal);
        try (TestFramework second = TestFramework.withBus(journal)) {
            first.close();
            await("the bus is away")
                    .untilAsserted(() ->
                            assertThat(second.probe().transport().orElseThrow()).containsEntry("up", false));

            for (int n = 1; n <= 3; n++) {
                assertThat(second.probe().emit("{\"tract\":\"slow\",\"event\":\"asked\",\"n\":" + n + "}"))
                        .isEqualTo("QUEUED");
            }
            try (TestFramework again = TestFramework.prepared(journal)) {
                again.addBus();
                again.install(TestBundle.app("slow"));
                again.gate.release(3);
                again.framework().start();

                assertThat(again.probe().transport().orElseThrow()).containsEntry("mode", "server");
                for (int n = 1; n <= 3; n++) {
                    assertThat(again.calls.poll(TestFramework.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                            .isEqualTo("slow " + n);
                }
            }
        } finally {
            first.close();
        }
    }

    @Test
    void anotherPlaceForTheSocketTakesEffectAtOnce() throws Exception {
        try (TestFramework runtime = TestFramework.withBus()) {
            runtime.install(TestBundle.app("echo"));
            Path other = runtime.socket().resolveSibling("other.sock");

            runtime.probe().configure("org.callosum.bus", Map.of("socket", other.toString(), "mode", "server"));

            try (WireClient client = WireClient.join(other)) {
                client.send(question(1));
                assertThat(client.next("echo").event()).isEqualTo("asked");
                assertThat(client.next("echo").event()).isEqualTo("answered");
            }
            assertThat(runtime.socket()).doesNotExist();
        }
    }

    /** Asks one question after the other, each when the app {@code steady} has answered the one before. */
    private static final class Traffic {
        private final WireClient client;
        private final AtomicLong rounds = new AtomicLong();

        /** The version in the last answer of the app {@code echo}; empty if there was none. */
        private String lastVersion = "";

        Traffic(WireClient client) {
            this.client = client;
        }

        /** Fails when an answer is missing, comes twice, or in the wrong order. */
        void roundsUntil(BooleanSupplier end) throws Exception {
            while (!end.getAsBoolean()) {
                long n = rounds.incrementAndGet();
                client.send(question(n));
                Message heard = client.next();
                while (!heard.tract().equals("steady")) {
                    if (heard.event().equals("answered")) {
                        lastVersion = heard.string("version").orElseThrow();
                    }
                    heard = client.next();
                }
                assertThat(heard.longNumber("n")).as("the steady app's answer").contains(n);
            }
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    private static Thread inBackground(Step step) {
        Thread thread = new Thread(
                () -> {
                    try {
                        step.run();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                "test operator");
        thread.start();
        return thread;
    }

    private static String question(long n) {
        return "{\"tract\":\"echo\",\"event\":\"asked\",\"n\":" + n + "}";
    }

    private static void forgetJoined(WireClient client, int others) throws InterruptedException {
        for (int i = 0; i < others; i++) {
            assertThat(client.next().event()).isEqualTo("joined");
        }
    }

    private static List<Long> numbers(List<String> lines, String event) {
        return lines.stream()
                .map(Message::parse)
                .filter(message -> message.event().equals(event))
                .map(message -> message.longNumber("n").orElseThrow())
                .toList();
    }

    private static List<Long> upTo(long last) {
        return LongStream.rangeClosed(1, last).boxed().toList();
    }
}
