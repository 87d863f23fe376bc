// SPDX-License-Identifier: AGPL-3.0-only
package org.callosum.itests.felix;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import org.callosum.api.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.ServiceReference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** From when on events are dispatched, and until when. */
@Timeout(60)
class StartAndStopIT {
    private static final String READY =
            "(&(objectClass=org.osgi.service.condition.Condition)(osgi.condition.id=callosum.ready))";

    @Test
    void whatIsReceivedBeforeTheAppsAreUpIsKeptAndHandledInOrderAfterwards() throws Exception {
        try (TestFramework runtime = TestFramework.prepared()) {
            runtime.addBus();
            runtime.install(TestBundle.app("blocker"));
            runtime.install(TestBundle.app("slow"));
            CompletableFuture<Void> start = startAsync(runtime);
            assertThat(nextCall(runtime)).as("in the apps' start level").isEqualTo("blocker starts");

            try (WireClient client = WireClient.join(runtime.socket())) {
                ask(client, 10);
                awaitReceived(runtime, 11);
                assertThat(runtime.probe().bridge())
                        .containsEntry("dispatching", false)
                        .containsEntry("dispatched", 0L)
                        .containsEntry("queued", 11L);
                assertThat(ready(runtime)).isEmpty();
                assertThat(runtime.calls).isEmpty();

                runtime.gate.release(11);

                start.get(10, TimeUnit.SECONDS);
                for (int n = 1; n <= 10; n++) {
                    assertThat(nextCall(runtime)).isEqualTo("slow " + n);
                }
            }
        }
    }

    @Test
    void anAppThatDoesNotComeUpIsNotWaitedForForEver() throws Exception {
        try (TestFramework runtime = TestFramework.prepared()) {
            runtime.preset("startMillis", "100");
            runtime.addBus();
            runtime.install(TestBundle.app("annotated"));
            runtime.install(TestBundle.app("blocker"));
            CompletableFuture<Void> start = startAsync(runtime);
            assertThat(nextCall(runtime)).isEqualTo("blocker starts");

            try (WireClient client = WireClient.join(runtime.socket())) {
                client.send("{\"tract\":\"observe\",\"event\":\"observed\"}");

                assertThat(nextCall(runtime)).isEqualTo("annotated observe/observed");
                assertThat(start).isNotDone();
                await("it is said")
                        .untilAsserted(
                                () -> assertThat(runtime.log)
                                        .contains(
                                                "WARN Events are dispatched although the apps are not all up after 100 ms [elapsed_ms=100]"));
            }
            runtime.gate.release();
            start.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void readyTellsTheSocketTheAppsAndTheHandlers() throws Exception {
        try (TestFramework runtime = TestFramework.prepared()) {
            runtime.addBus();
            runtime.install(TestBundle.app("annotated"));
            runtime.install(TestBundle.app("declared"));
            runtime.install(TestBundle.app("slow").inApp("annotated"));

            runtime.framework().start();

            await("ready").until(() -> ready(runtime).isPresent());
            ServiceReference<?> ready = ready(runtime).orElseThrow();
            assertThat(ready.getProperty("socket")).isEqualTo(runtime.socket().toString());
            assertThat(ready.getProperty("apps")).isEqualTo(2);
            assertThat(ready.getProperty("handlers")).isEqualTo(3);
            assertThat(runtime.probe().bridge()).containsEntry("dispatching", true);
        }
    }

    @Test
    void withoutABusNothingIsReadyUntilThereIsOne() throws Exception {
        try (TestFramework runtime = TestFramework.withCore()) {
            await("dispatching")
                    .untilAsserted(() -> assertThat(runtime.probe().bridge()).containsEntry("dispatching", true));
            assertThat(ready(runtime)).isEmpty();

            runtime.addBus();

            await("ready").until(() -> ready(runtime).isPresent());
        }
    }

    @Test
    void theStopOfTheFrameworkHandlesAllThatWasReceivedWhileTheAppsAreStillThere() throws Exception {
        try (TestFramework runtime = TestFramework.withBus()) {
            Bundle slow = runtime.install(TestBundle.app("slow"));
            try (WireClient asking = WireClient.join(runtime.socket());
                    WireClient listening = WireClient.join(runtime.socket())) {
                ask(asking, 20);
                assertThat(nextCall(runtime)).isEqualTo("slow 1");
                awaitReceived(runtime, 22);

                runtime.framework().stop();
                await("the framework stops").until(() -> runtime.framework().getState() == Bundle.STOPPING);
                assertThat(slow.getState()).as("the app's bundle").isEqualTo(Bundle.ACTIVE);
                runtime.gate.release(20);
                runtime.awaitStop();

                assertThat(runtime.calls)
                        .containsExactlyElementsOf(IntStream.rangeClosed(2, 20)
                                .mapToObj(n -> "slow " + n)
                                .toList());
                for (long n : LongStream.rangeClosed(1, 20).toArray()) {
                    Message answer = listening.next("slow");
                    while (!answer.event().equals("answered")) {
                        answer = listening.next("slow");
                    }
                    assertThat(answer.longNumber("n")).as("the answer").contains(n);
                }
                assertThat(runtime.socket()).doesNotExist();
            }
        }
    }

    @Test
    void aHandlerThatHangsDoesNotKeepTheFrameworkFromStopping() throws Exception {
        try (TestFramework runtime = TestFramework.withBus()) {
            runtime.probe().configureCore(Map.of("timeoutMillis", 200));
            runtime.install(TestBundle.app("slow"));
            try (WireClient client = WireClient.join(runtime.socket())) {
                ask(client, 2);
                assertThat(nextCall(runtime)).isEqualTo("slow 1");
                awaitReceived(runtime, 3);

                runtime.framework().stop();
                runtime.awaitStop();

                assertThat(runtime.calls).containsExactly("slow 2");
                assertThat(runtime.gate.availablePermits())
                        .as("nobody opened the gate")
                        .isZero();
            }
        }
    }

    @Test
    void theStopWaitsForTheQueueNoLongerThanConfigured() throws Exception {
        try (TestFramework runtime = TestFramework.withBus()) {
            runtime.probe().configureCore(Map.of("timeoutMillis", 500, "drainMillis", 0));
            runtime.install(TestBundle.app("slow"));
            try (WireClient client = WireClient.join(runtime.socket())) {
                ask(client, 500);
                assertThat(nextCall(runtime)).isEqualTo("slow 1");
                awaitReceived(runtime, 501);

                runtime.framework().stop();
                runtime.awaitStop();

                assertThat(runtime.calls)
                        .as("what was handled, of 499 that waited")
                        .hasSizeLessThan(499);
            }
        }
    }

    /** With another cache: as after an update of the distribution. */
    @Test
    void whatIsNotHandledAtTheStopIsHandledFirstAfterTheNextStart(@TempDir Path journal) throws Exception {
        int handled;
        try (TestFramework runtime = TestFramework.withBus(journal)) {
            runtime.probe().configureCore(Map.of("timeoutMillis", 500, "drainMillis", 0));
            runtime.install(TestBundle.app("slow"));
            try (WireClient client = WireClient.join(runtime.socket())) {
                ask(client, 500);
                assertThat(nextCall(runtime)).isEqualTo("slow 1");
                awaitReceived(runtime, 501);
                runtime.framework().stop();
                runtime.awaitStop();
            }
            handled = 1 + runtime.calls.size(); // as many as timed out before the stop
        }
        assertThat(journal.resolve("health/spill")).isDirectory();

        try (TestFramework runtime = TestFramework.prepared(journal)) {
            runtime.addBus();
            runtime.install(TestBundle.app("slow"));
            runtime.gate.release(1_000);
            CompletableFuture<Void> started = startAsync(runtime);
            for (int n = handled + 1; n <= 500; n++) {
                assertThat(nextCall(runtime)).isEqualTo("slow " + n);
            }
            started.get(15, TimeUnit.SECONDS);
            await("nothing is left").untilAsserted(() -> assertThat(journal.resolve("health/spill"))
                    .doesNotExist());
            assertThat(runtime.probe().bridge()).containsEntry("spilled", 0L);
        }
    }

    private static CompletableFuture<Void> startAsync(TestFramework runtime) {
        return CompletableFuture.runAsync(() -> {
            try {
                runtime.framework().start();
            } catch (BundleException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static void ask(WireClient client, int questions) throws Exception {
        for (int n = 1; n <= questions; n++) {
            client.send("{\"tract\":\"slow\",\"event\":\"asked\",\"n\":" + n + "}");
        }
    }

    private static void awaitReceived(TestFramework runtime, long messages) {
        await("all is received")
                .untilAsserted(() -> assertThat(runtime.probe().bridge()).containsEntry("received", messages));
    }

    private static Optional<ServiceReference<?>> ready(TestFramework runtime) throws Exception {
        ServiceReference<?>[] found = runtime.context().getAllServiceReferences(null, READY);
        return found == null ? Optional.empty() : Optional.of(List.of(found).get(0));
    }

    private static String nextCall(TestFramework runtime) throws InterruptedException {
        String call = runtime.calls.poll(TestFramework.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(call).as("what was recorded").isNotNull();
        return call;
    }
}
